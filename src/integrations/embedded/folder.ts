import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { FolderNotWritable } from './errors';

/**
 * Creates the data folder where it is missing.
 * @throws FolderNotWritable
 */
export async function prepareFolder(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new FolderNotWritable(dataDir, error);
  }
}
