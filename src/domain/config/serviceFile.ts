/** How far an attachment reaches: to every placement of a service, or to one. */
export type AttachmentKind = 'base' | 'override';

export const kindOf = (serviceDeploymentId: string | null): AttachmentKind =>
  serviceDeploymentId === null ? 'base' : 'override';

/** An attachment as it says what it takes: a file and a path, at its level. */
export interface Attached {
  id: string;
  config_file_id: string;
  service_deployment_id: string | null;
  target_path: string;
}

/** Where a path leads to, however it is written: as the column `place` of service_files has it. */
const placeOf = (targetPath: string): string => targetPath.replace(/\/(?:\.?\/)+/g, '/');

/** Which of the attachments of a service stands in the way of another one, and for which member. */
export function attachmentInTheWay(
  wanted: Omit<Attached, 'id'>,
  present: readonly Attached[],
): { id: string; field: 'configFileId' | 'targetPath' } | undefined {
  const sameLevel = present.filter(({ service_deployment_id }) => service_deployment_id === wanted.service_deployment_id);
  const sameFile = sameLevel.find(({ config_file_id }) => config_file_id === wanted.config_file_id);
  if (sameFile) return { id: sameFile.id, field: 'configFileId' };
  const samePath = sameLevel.find(({ target_path }) => placeOf(target_path) === placeOf(wanted.target_path));
  return samePath && { id: samePath.id, field: 'targetPath' };
}

/**
 * What is in effect on a placement, in the order given: its own attachments, and those of the service whose file and whose
 * path the placement has nothing of its own for.
 */
export function inEffectOn<A extends Attached>(placementId: string, attachments: readonly A[]): A[] {
  const own = attachments.filter(({ service_deployment_id }) => service_deployment_id === placementId);
  const files = new Set(own.map(({ config_file_id }) => config_file_id));
  const paths = new Set(own.map(({ target_path }) => placeOf(target_path)));
  return attachments.filter(
    (attached) =>
      attached.service_deployment_id === placementId ||
      (attached.service_deployment_id === null &&
        !files.has(attached.config_file_id) &&
        !paths.has(placeOf(attached.target_path))),
  );
}
