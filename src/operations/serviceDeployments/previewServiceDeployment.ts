import { visible } from '../../domain/access/principal';
import { keysOfEnv, keysOfService } from '../../domain/config/compose';
import { checksumOf, environmentMaskOf, environmentNameOf, environmentSourcesOf, textsOf } from '../../store/renderedFiles';
import { findPlacement } from '../../store/serviceDeployments';
import { findService } from '../../store/services';
import { type Handler, json } from '../handler';
import { filesOn, previewWarnings, refuseBroken, showCompose, showFile } from './deployPreview';
import { imageOfDeploy } from './imageOfDeploy';

export const previewServiceDeployment: Handler<'previewServiceDeployment'> = async (request, { db, principal, keyring }) => {
  const { id, depId } = request.path;
  const service = visible(principal, await findService(db, id), 'service', id);
  const placement = visible(principal, await findPlacement(db, id, depId), 'service deployment', depId);
  const image = await imageOfDeploy(db, service, request.query().imageTag);

  const { environment_id: environmentId, compose_template: template } = service;
  const files = await filesOn(db, placement);
  const texts = files.flatMap(({ source }) => textsOf(source));
  const env = { ...(service.base_env as Record<string, string>), ...(placement.env_overrides as Record<string, string>) };
  const keys = [...keysOfService(template, {}), ...keysOfEnv(env)];
  const sources = await environmentSourcesOf(db, keyring, environmentId, texts, keys);
  const environment = await environmentNameOf(db, environmentId);
  const mask = await environmentMaskOf(db, keyring, environmentId, sources.opened);

  const compose = showCompose(service, placement, image, files, sources);
  const shown = files.map((file) => showFile(file, environment, sources, mask));
  const name = placement.compose_path?.split('/').at(-1) || 'docker-compose.yml';
  refuseBroken([{ name, errors: compose.errors }, ...shown], mask);
  const document = mask(compose.document);
  return json({
    compose: { name, content: document, checksum: checksumOf(document) },
    configFiles: shown.map(({ errors: _, missing: __, ...file }) => file),
    env: { keys: compose.env.map(({ key }) => key) },
    warnings: previewWarnings(template, image, compose, shown).map(mask),
  });
};
