import { type Target, targetOf, tokenText, urlText } from '../client/credentials';
import { exitCodes } from '../client/exitCodes';
import { type Patience, type Service, serviceAt, standardPatience } from '../client/service';
import { readStdin } from '../client/stdin';
import { CommandFailure, note, print, type Terminal } from '../client/terminal';
import { copyEnvironment, type Ways } from './copyEnvironment';
import { readerOf } from './reader';
import { type Answered, requiredText, textIn } from './records';
import { Report } from './report';
import { unmade, Writer } from './writer';

export interface ImportWishes {
  url: string;
  token?: string;
  tokenStdin?: boolean;
  toUrl?: string;
  toToken?: string;
  environment?: string[];
  dryRun?: boolean;
  update: boolean;
  json?: boolean;
}

/** Copies what a running BridgePort has into Portolan; gives the exit code. */
export async function importBridgeport(
  terminal: Terminal,
  version: string,
  wishes: ImportWishes,
  patience: Patience = standardPatience,
): Promise<number> {
  const source = serviceAt(await sourceOf(terminal, wishes), terminal, version, patience);
  const target = serviceAt(destinationOf(terminal, wishes), terminal, version, patience);
  const report = new Report();
  const dryRun = wishes.dryRun === true;
  let cut: unknown;
  try {
    await copyAll(terminal, source, target, wishes, report);
  } catch (error) {
    if (!(error instanceof CommandFailure) || report.lines.length === 0) throw error;
    cut = error;
  }
  const { lines, notes } = report;
  await print(terminal, wishes.json ? `${JSON.stringify({ dryRun, objects: lines, notes })}\n` : `${report.text(dryRun)}\n`);
  // What was copied stays; the same command goes on from there.
  if (cut) throw cut;
  return report.failed ? exitCodes.other : exitCodes.ok;
}

async function sourceOf(terminal: Terminal, { url, token, tokenStdin }: ImportWishes): Promise<Target> {
  const given = tokenStdin ? await readStdin(terminal, '--token-stdin') : (token ?? terminal.env.BRIDGEPORT_TOKEN);
  if (!given) {
    throw new CommandFailure(exitCodes.usage, 'No token for the source.', [
      'Set BRIDGEPORT_TOKEN, or give it on the standard input with --token-stdin.',
    ]);
  }
  return { url: urlText(url, '--url'), token: tokenText(given, 'the token of the source') };
}

function destinationOf({ env }: Terminal, { toUrl, toToken }: ImportWishes): Target {
  const target = targetOf(env, toUrl);
  return toToken === undefined ? target : { ...target, token: tokenText(toToken, '--to-token') };
}

async function copyAll(terminal: Terminal, from: Service, to: Service, wishes: ImportWishes, report: Report): Promise<void> {
  const dryRun = wishes.dryRun === true;
  const [source, target] = [readerOf(from), readerOf(to)];
  const all = (await source.list('/api/environments', 'environments')).objects;
  const chosen = choose(all, wishes.environment);
  const there = (await target.list('/api/environments', 'environments')).objects;
  const types = (await target.list('/api/settings/service-types', 'serviceTypes')).objects;
  const writer = new Writer(to, { dryRun, update: wishes.update }, report);
  const ways: Ways = {
    source,
    target,
    writer,
    report,
    serviceTypes: new Map(types.map((type) => [requiredText(type, 'name'), requiredText(type, 'id')])),
    progress: (text) => note(terminal, text),
  };
  for (const environment of chosen) {
    const name = requiredText(environment, 'name');
    const present = there.find((one) => one.name === name);
    const id = await bringEnvironment(writer, environment, name, present);
    if (id === undefined) continue;
    const targetId = id === unmade('environment', name) ? undefined : id;
    await copyEnvironment(ways, { name, sourceId: requiredText(environment, 'id'), targetId });
  }
}

function choose(all: Answered[], names: string[] | undefined): Answered[] {
  if (!names) return all;
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length === 0) return all.filter((one) => names.includes(String(one.name)));
  const known = all.map((one) => String(one.name)).join(', ');
  throw new CommandFailure(exitCodes.usage, `The source has no environment ${unknown.join(', ')}.`, [`It has: ${known}`]);
}

function bringEnvironment(writer: Writer, environment: Answered, name: string, present: Answered | undefined) {
  const displayName = textIn(environment, 'displayName') || name;
  return writer.bring({
    environment: name,
    kind: 'environment',
    name,
    createAt: '/api/environments',
    changeAt: (id) => `/api/environments/${id}`,
    member: 'environment',
    wanted: () => ({ name, displayName }),
    present,
  });
}
