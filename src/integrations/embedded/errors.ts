/** Another live process holds the data folder. */
export class FolderInUse extends Error {
  readonly pid: number;
  /** Where the holder is reachable, once it has said so. */
  readonly url: string | undefined;

  constructor(pid: number, url?: string) {
    const holder = url === undefined ? `process ${pid}` : `process ${pid}, ${url}`;
    super(
      `Portolan already runs on this data folder (${holder}). ` + 'Stop it first, or choose another folder with PORTOLAN_DATA.',
    );
    this.name = 'FolderInUse';
    this.pid = pid;
    this.url = url;
  }
}

/** The data folder cannot be created or written. */
export class FolderNotWritable extends Error {
  readonly folder: string;

  constructor(folder: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(
      `Portolan cannot write to its data folder ${folder} (${code}). ` +
        'Make it writable for the user that runs Portolan, or choose another folder with PORTOLAN_DATA.',
      { cause },
    );
    this.name = 'FolderNotWritable';
    this.folder = folder;
  }
}

/** What keeps the embedded Postgres from running: */
export type UnavailableReason =
  /** no binaries are published for this system, or they do not run on it */
  | 'platform'
  /** the npm package that holds them is not installed */
  | 'binaries'
  /** Portolan runs as root and no way to run Postgres as somebody else works */
  | 'root'
  /** the cluster belongs to another user */
  | 'owner'
  /** the cluster has another password than the one given */
  | 'password'
  /** initdb or postgres failed; the message ends with what it said */
  | 'start';

/** The embedded Postgres cannot be used. The message names the reason and the way out. */
export class EmbeddedPostgresUnavailable extends Error {
  readonly reason: UnavailableReason;

  constructor(reason: UnavailableReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EmbeddedPostgresUnavailable';
    this.reason = reason;
  }
}
