import { uuidv7 } from 'uuidv7';
import { unknownSpace } from '../../../domain/cloudFoundry/app';
import { sees } from '../../../domain/cloudFoundry/droplets/access';
import { applyMetadata, changedKeys, metadataChangeOf } from '../../../domain/cloudFoundry/metadata';
import { requireRight } from '../../../domain/cloudFoundry/rights';
import { keysOfService } from '../../../domain/config/compose';
import { isId } from '../../../domain/ids';
import { auditedSettings, newService } from '../../../domain/services/service';
import { findApp } from '../../../store/cloudFoundry/apps';
import { saveMetadata } from '../../../store/cloudFoundry/metadata';
import { saveServiceKeys } from '../../../store/configKeys';
import { environmentExists } from '../../../store/environments';
import { insertService } from '../../../store/services';
import { json } from '../../handler';
import { valuesOf } from '../../services/settings';
import type { V3Handler } from '../handler';
import { requireFreeName, requireShortVariables, saving } from './rules';
import { toApp } from './view';

export const createApp: V3Handler<'createApp'> = async (request, { tx, principal, audit, publicUrl }) => {
  const body = request.body();
  const { name, environment_variables: variables = {} } = body;
  requireShortVariables(variables);
  const space = body.relationships.space.data.guid;
  if (!isId(space) || !sees(principal, space) || !(await environmentExists(tx, space))) throw unknownSpace(space);
  requireRight(principal, 'apps');
  await requireFreeName(tx, space, name);

  const id = uuidv7();
  const settings = { ...newService(name, null), baseEnv: variables };
  const row = { ...valuesOf(settings), id, environment_id: space, desired_state: 'stopped' as const };
  await saving({ name, space }, () => insertService(tx, row));
  await saveServiceKeys(tx, id, keysOfService(settings.composeTemplate, settings.baseEnv));
  const metadata = metadataChangeOf(body.metadata);
  applyMetadata({ labels: {}, annotations: {} }, metadata);
  await saveMetadata(tx, 'app', id, metadata);
  const saved = await findApp(tx, id);
  if (!saved) throw new Error(`App ${id} is not there behind its own insert`);
  await audit({
    action: 'create',
    resourceType: 'service',
    resourceId: id,
    resourceName: name,
    environmentId: space,
    details: {
      cfType: 'audit.app.create',
      changed: Object.keys(body),
      after: auditedSettings(settings),
      metadata: changedKeys(metadata),
    },
  });
  return json(toApp(saved, publicUrl()));
};
