import { seen } from '../../../domain/cloudFoundry/droplets/access';
import { assignable, currentDropletProblems } from '../../../domain/cloudFoundry/droplets/current';
import { dropletWarnings } from '../../../domain/cloudFoundry/droplets/warnings';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { containerImageOf, recomputePinned } from '../../../jobs/droplets/followDroplet';
import { hasActiveDeployment, lockAppOfDroplets, saveCurrentDroplet } from '../../../store/cloudFoundry/currentDroplets';
import { lockDropletOfApp } from '../../../store/cloudFoundry/droplets';
import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { withWarnings } from '../warnings';
import { pinDroplet } from './spaceImages';
import { toCurrentDroplet } from './view';

export const setCurrentDropletForApp: V3Handler<'setCurrentDropletForApp'> = async (request, context) => {
  const { tx, principal, audit, publicUrl } = context;
  const { data } = request.body(currentDropletProblems);
  const app = seen(principal, await lockAppOfDroplets(tx, request.path.guid), 'App');
  requireRight(principal, 'assign');
  const facts = { id: app.id, hasActiveDeployment: await hasActiveDeployment(tx, app.id) };
  const chosen = assignable(facts, data?.guid ? await lockDropletOfApp(tx, app.id, data.guid) : undefined);
  // Its container image may have been deleted since: then this is the first use of the repository again.
  const image_digest_id = chosen.image_digest_id ?? (await pinDroplet(context, chosen, chosen.image));
  const droplet = { ...chosen, image_digest_id };

  const before = { currentDropletId: app.current_droplet_id, containerImageId: app.container_image_id };
  const containerImageId = (await containerImageOf(tx, droplet)) ?? app.container_image_id;
  const after = { currentDropletId: droplet.id, containerImageId };
  const answer = withWarnings(json(toCurrentDroplet(app.id, droplet.id, publicUrl())), dropletWarnings(droplet));
  if (before.currentDropletId === after.currentDropletId && before.containerImageId === containerImageId) return answer;
  const setBy = principal.name ?? principal.email;
  await saveCurrentDroplet(tx, { id: app.id, dropletId: droplet.id, setBy, containerImageId });
  await recomputePinned(tx, [app.container_image_id, containerImageId]);
  await audit({
    action: 'set_current',
    resourceType: 'service',
    resourceId: app.id,
    resourceName: app.name,
    environmentId: app.environment_id,
    details: { cfType: 'audit.app.droplet.mapped', dropletGuid: droplet.id, image: droplet.image, before, after },
  });
  return answer;
};
