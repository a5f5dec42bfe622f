import type { Principal } from '../../domain/access/principal';
import type { Issue } from '../../domain/errors';
import { isId } from '../../domain/ids';
import { referenceIssues, unknownReference } from '../../domain/references';
import type { DeployStrategy, ServicePatch, ServiceSettings } from '../../domain/services/service';
import { environmentOfImage } from '../../store/containerImages';
import type { Tx } from '../../store/database';
import { type ServiceRow, type ServiceValues, serviceTypeExists } from '../../store/services';

/** A stored service as the domain sees it. */
export const settingsOf = (row: ServiceRow): ServiceSettings => ({
  name: row.name,
  containerImageId: row.container_image_id,
  imageTag: row.image_tag,
  composeTemplate: row.compose_template,
  healthCheckUrl: row.health_check_url,
  baseEnv: row.base_env as Record<string, string>,
  deployStrategy: row.deploy_strategy as DeployStrategy,
  serviceTypeId: row.service_type_id,
  healthWaitMs: row.health_wait_ms,
  healthRetries: row.health_retries,
  healthIntervalMs: row.health_interval_ms,
});

/** Settings as the store takes them. */
export const valuesOf = (settings: ServiceSettings): ServiceValues => ({
  name: settings.name,
  container_image_id: settings.containerImageId,
  image_tag: settings.imageTag,
  compose_template: settings.composeTemplate,
  health_check_url: settings.healthCheckUrl,
  base_env: JSON.stringify(settings.baseEnv),
  deploy_strategy: settings.deployStrategy,
  service_type_id: settings.serviceTypeId,
  health_wait_ms: settings.healthWaitMs,
  health_retries: settings.healthRetries,
  health_interval_ms: settings.healthIntervalMs,
});

/** What is wrong with the image and the type that a patch names for a service of an environment. */
export async function namedObjectIssues(
  tx: Tx,
  principal: Principal,
  patch: Pick<ServicePatch, 'containerImageId' | 'serviceTypeId'>,
  environmentId: string,
): Promise<Issue[]> {
  const issues: Issue[] = [];
  const { containerImageId, serviceTypeId } = patch;
  if (containerImageId !== undefined) {
    const image = isId(containerImageId) ? await environmentOfImage(tx, containerImageId) : undefined;
    const reference = { field: 'containerImageId', noun: 'container image', id: containerImageId };
    issues.push(...referenceIssues(reference, image, environmentId, principal));
  }
  if (serviceTypeId && !(isId(serviceTypeId) && (await serviceTypeExists(tx, serviceTypeId)))) {
    issues.push(unknownReference({ field: 'serviceTypeId', noun: 'service type', id: serviceTypeId }));
  }
  return issues;
}
