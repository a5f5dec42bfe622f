import { alreadyTaken, type Problem } from '../../domain/errors';
import type { PlacementSettings } from '../../domain/services/placement';
import type { PlacementInTheWay, PlacementRow, PlacementValues } from '../../store/serviceDeployments';

/** A stored placement as the domain sees it. */
export const settingsOf = (row: PlacementRow): PlacementSettings => ({
  containerName: row.container_name,
  composePath: row.compose_path,
  envOverrides: row.env_overrides as Record<string, string>,
});

/** Settings as the store takes them. */
export const valuesOf = (settings: PlacementSettings): PlacementValues => ({
  container_name: settings.containerName,
  compose_path: settings.composePath,
  env_overrides: JSON.stringify(settings.envOverrides),
});

/** 409 for a container name that another placement on the server has. */
export function containerNameTaken({ id, container_name: name }: PlacementInTheWay): Problem {
  const message = `A placement on this server already has the container name "${name}".`;
  return alreadyTaken('containerName', message, { type: 'service_deployment', id });
}
