/** What an image says of how it is started. */
export interface ImageConfig {
  /** In the order of their numbers. */
  ports: { port: number; protocol: 'tcp' | 'udp' | 'sctp' }[];
  user: string | null;
  entrypoint: string[];
  cmd: string[];
  workdir: string | null;
}

/** Far more than any image needs; a registry that sends more does not fill the database. */
const mostCharacters = 65_536;

/**
 * Reads the member `config` of an image's configuration, which is somebody else's text: what is of another form counts as
 * not said. null when it is longer than any image needs, or holds NUL, which no process takes.
 */
export function imageConfigOf(value: unknown): ImageConfig | null {
  const config = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const read: ImageConfig = {
    ports: portsOf(config.ExposedPorts),
    user: textOf(config.User),
    entrypoint: wordsOf(config.Entrypoint),
    cmd: wordsOf(config.Cmd),
    workdir: textOf(config.WorkingDir),
  };
  const texts = [read.user ?? '', read.workdir ?? '', ...read.entrypoint, ...read.cmd];
  const length = texts.reduce((sum, text) => sum + text.length + 3, 0);
  return length > mostCharacters || texts.some((text) => text.includes('\0')) ? null : read;
}

// Halves of characters are no Unicode: the database refuses them in JSON.
const whole = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? whole(value) : null);

function wordsOf(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((word): word is string => typeof word === 'string')) return [];
  return value.map(whole);
}

function portsOf(value: unknown): ImageConfig['ports'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const ports = new Map<string, ImageConfig['ports'][number]>();
  for (const key of Object.keys(value)) {
    const [, digits, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(key) ?? [];
    const port = Number(digits);
    if (port >= 1 && port <= 65_535)
      ports.set(`${port}/${protocol}`, { port, protocol: protocol as ImageConfig['ports'][number]['protocol'] });
  }
  return [...ports.values()].sort((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}
