import type { ImageConfig } from '../images/imageConfig';

/** What a droplet keeps of its image's config, in the forms of /v3. */
export interface StartData {
  /** JSON text; members that the image does not say are absent. */
  executionMetadata: string;
  processTypes: { web: string };
}

/** Start data of a droplet, from the config of its image. */
export function startDataOf({ ports, user, entrypoint, cmd, workdir }: ImageConfig): StartData {
  const metadata = {
    ...(ports.length === 0 ? {} : { ports: ports.map(({ port, protocol }) => ({ Port: port, Protocol: protocol })) }),
    ...(user === null ? {} : { user }),
    ...(entrypoint.length === 0 ? {} : { entrypoint }),
    ...(cmd.length === 0 ? {} : { cmd }),
    ...(workdir === null ? {} : { workdir }),
  };
  return {
    executionMetadata: JSON.stringify(metadata),
    processTypes: { web: [...entrypoint, ...cmd].map(shellWord).join(' ') },
  };
}

/** A word that a POSIX shell reads as it is meant. */
const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) && !/^\w+=/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
