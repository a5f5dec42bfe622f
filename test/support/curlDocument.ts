import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** docs/curl.md as a person works through it: the settings, then each command, in the document's order. */
export interface CurlDocument {
  settings: string;
  commands: { name: string; statuses: number[]; command: string }[];
}

export function readCurlDocument(): CurlDocument {
  const text = readFileSync(join(__dirname, '..', '..', 'docs', 'curl.md'), 'utf8');
  const settings = /```sh\n([\s\S]*?)```/.exec(text)?.[1] as string;
  const sections = text.split(/^### /m).slice(1);
  const commands = sections.map((section) => {
    const promised = /`[A-Z]+ \/\S*` answers ([^.]+)\./.exec(section)?.[1] ?? '';
    return {
      name: section.slice(0, section.indexOf('\n')),
      statuses: [...promised.matchAll(/\b\d{3}\b/g)].map(Number),
      command: /```sh\n([\s\S]*?)```/.exec(section)?.[1] as string,
    };
  });
  return { settings, commands };
}

export interface CurlRun {
  /** The last status of each command that sent something, by the command's name. */
  statuses: Record<string, number>;
  output: string;
}

/** Runs all commands as they stand, in one bash; `settings` replace lines of the first block. */
export async function runCurlDocument({ settings, commands }: CurlDocument, own: Record<string, string>): Promise<CurlRun> {
  const folder = mkdtempSync(join(tmpdir(), 'portolan-curl-'));
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const set = Object.entries(own).reduce((text, [name, value]) => {
    const line = new RegExp(`^${name}=.*$`, 'm');
    if (!line.test(text)) throw new Error(`docs/curl.md has no setting ${name}.`);
    return text.replace(line, () => `${name}=${quoted(value)}`);
  }, settings);
  const script = [
    // What is typed as curl is curl, with the head of its answer kept beside.
    `curl() { command curl -D ${folder}/head "$@"; local code=$?; echo "$NOW $(grep -oE '^HTTP/[0-9.]+ [0-9]+' ${folder}/head | tail -1)" >> ${folder}/seen; return $code; }`,
    set,
    ...commands.flatMap(({ name, command }) => [`NOW=${quoted(name)}`, command, 'echo']),
  ].join('\n');
  try {
    const output = await bash(script);
    const seen = readFileSync(join(folder, 'seen'), 'utf8').trim().split('\n');
    const statuses = seen.map((line) => /^(.*) HTTP\/\S+ (\d+)$/.exec(line) ?? [line, line, '0']);
    return { statuses: Object.fromEntries(statuses.map(([, name, status]) => [name, Number(status)])), output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function bash(script: string): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { env: { PATH, HOME }, timeout: 280_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile('bash', ['-c', script], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${error.message.slice(-2000)}\n${stdout.slice(-2000)}${stderr.slice(-2000)}`));
      else resolve(stdout + stderr);
    });
  });
}
