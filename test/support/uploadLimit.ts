import type { Portolan } from './portolan';

/** Lets file content have so many megabytes at most, in this process at once. */
export async function limitUploads(portolan: Portolan, maxUploadSizeMb: number): Promise<void> {
  await portolan.sql(`update system_settings set settings = settings || $1::jsonb, version = version + 1`, [
    JSON.stringify({ maxUploadSizeMb }),
  ]);
  await portolan.context.liveSettings.refresh();
}
