import { generateKeyPairSync } from 'node:crypto';
import type { OperationId } from '../../../generated/operations';
import type { CommandFacts, Flag } from '../../../src/commands/client/commandTable';
import { commandTable } from '../../../src/commands/client/knownCommands';
import { Home, portolanCli, type Ran, type Recorder, recorderBefore } from '../../support/commandLine';
import { factsOf, operationIds, operationOf, parametersOf, resolve, type Schema } from '../../support/contract';
import { token } from '../../support/fixtures';
import { acceptableBody, makeObjects, type Objects, pathOf } from '../../support/objects';
import { type Portolan, startPortolan } from '../../support/portolan';

/** Every operation of the contract through the command line, against a running service. */

const commands = new Map(
  commandTable.groups.flatMap((group) =>
    group.commands.map((facts): [OperationId, { group: string; facts: CommandFacts }] => [
      facts.operationId as OperationId,
      { group: group.name, facts },
    ]),
  ),
);

let portolan: Portolan;
let recorder: Recorder;
let metrics: Recorder;
const home = new Home();
beforeAll(async () => {
  portolan = await startPortolan();
  recorder = await recorderBefore(portolan.url);
  metrics = await recorderBefore(portolan.metricsUrl);
});
afterAll(async () => {
  await Promise.all([recorder.close(), metrics.close()]);
  await portolan.close();
  home.close();
});

const commandOf = (id: OperationId) => commands.get(id) as { group: string; facts: CommandFacts };

/** Positional arguments and `--env`. */
function placeArguments(id: OperationId, path: Record<string, string>): string[] {
  const { facts } = commandOf(id);
  const values = facts.arguments.filter(({ name }) => name !== 'envId').map(({ name }) => path[name] as string);
  return [...values, ...(path.envId === undefined ? [] : ['--env', path.envId])];
}

/** The body as flags: each leaf by its own, secrets from files. */
function bodyArguments({ body }: CommandFacts, value: unknown): string[] {
  return (body?.flags ?? []).flatMap((flag) => flagArguments(flag, valueAt(value, flag.place)));
}

const valueAt = (value: any, place: string[]): unknown => place.reduce((at, name) => at?.[name], value);

function flagArguments(flag: Flag, value: any): string[] {
  const name = `--${flag.flag}`;
  if (value === undefined) return [];
  if (value === null) return ['--clear', flag.flag];
  if (flag.secret) return [name, home.file(typeof value === 'string' ? value : JSON.stringify(value))];
  if (flag.type === 'file') return [name, home.file(String(value))];
  if (flag.type === 'boolean') return [value ? name : `--no-${flag.flag}`];
  if (flag.type === 'list') return value.length === 0 ? [name, '[]'] : value.flatMap((entry: unknown) => [name, String(entry)]);
  if (flag.type === 'map') return [name, JSON.stringify(value)];
  return [name, typeof value === 'string' ? value.replace(/^@/, '@@') : JSON.stringify(value)];
}

/** A key that is one: an example of the contract must not hold a real one. */
const sshPrivateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** The example of a body that the operation takes, whatever its media type. */
function exampleOf(id: OperationId, objects: Objects): unknown {
  const media = Object.values(operationOf(id).requestBody?.content ?? {})[0] as any;
  const examples = Object.values(media?.examples ?? {}) as { value: unknown }[];
  const example =
    acceptableBody(id, objects) ?? media?.example ?? examples[0]?.value ?? (media && (resolve(media.schema) as Schema).example);
  return example?.sshPrivateKey === undefined ? example : { ...example, sshPrivateKey };
}

/** Runs it, and makes sure that a request was sent. */
async function run(id: OperationId, argv: string[], bearer: string): Promise<Ran> {
  const { group, facts } = commandOf(id);
  const url = factsOf(id).listener === 'metrics' ? metrics.url : recorder.url;
  const env = { PORTOLAN_URL: recorder.url, PORTOLAN_TOKEN: bearer, HOME: home.folder };
  const where = factsOf(id).listener === 'metrics' ? ['--url', url] : [];
  const before = recorder.requests.length + metrics.requests.length;
  const ran = await portolanCli([group, facts.verb, ...argv, ...where], { env, timing: { tries: 1 } });
  if (recorder.requests.length + metrics.requests.length === before) throw new Error(`${id} sent nothing: ${ran.stderr}`);
  return ran;
}

const last = (id: OperationId) => {
  const { requests } = factsOf(id).listener === 'metrics' ? metrics : recorder;
  return requests[requests.length - 1] as Recorder['requests'][number];
};

const filled = (id: OperationId, path: Record<string, string>): string =>
  factsOf(id).path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] as string));

test('each operation has one command, and each command another name', () => {
  expect([...commands.keys()].sort()).toEqual([...operationIds].sort());
  const names = commandTable.groups.flatMap((group) => group.commands.map(({ verb }) => `${group.name} ${verb}`));
  expect(new Set(names).size).toBe(operationIds.length);
});

/** Refused whatever is sent, or by a system that is not there, or for want of what an example cannot have. */
const mayBeRefused = (id: OperationId): boolean =>
  (operationOf(id) as any)['x-always-refused'] === true ||
  factsOf(id).outside === true ||
  ['login', 'createOauthToken', 'scaleProcess', 'revokeOauthToken'].includes(id);

/** Objects of an administrator, and that administrator's token. */
async function scene() {
  const admin = await token(portolan);
  return { credential: admin.token, objects: await makeObjects(portolan, { userId: admin.userId }) };
}

/** What an example needs beside its body. */
const besides = (id: OperationId, objects: Objects): string[] =>
  id === 'createDroplet' ? ['--source-guid', objects.droplet as string] : [];

describe('the request of each operation', () => {
  test.each(operationIds)('%s arrives as the contract wants it', async (id) => {
    const { facts } = commandOf(id);
    const { objects, credential } = await scene();
    const { path } = pathOf(id, objects);
    const body = exampleOf(id, objects);
    // A stream ends by itself only when it is refused; logout would end the credential.
    const bearer = facts.answer.kind === 'events' ? 'refused' : credential;
    const flags = bodyArguments(facts, body);
    const required = facts.query.filter((flag) => flag.required).flatMap((flag) => flagArguments(flag, exampleValue(id, flag)));
    const ran = await run(id, [...placeArguments(id, path), ...flags, ...required, ...besides(id, objects)], bearer);
    const sent = last(id);
    expect([sent.method, sent.path]).toEqual([factsOf(id).method.toUpperCase(), filled(id, path)]);
    expect(sent.headers.authorization).toBe(facts.public ? undefined : `Bearer ${bearer}`);
    if (facts.headers.includes('Idempotency-Key')) expect(sent.headers['idempotency-key']).toMatch(/^cli-/);
    if (facts.body?.media === 'multipart') expectParts(sent, facts.body.flags, body);
    else expect(bodyThatArrived(sent)).toEqual(body ?? '');
    expect(`${sent.status} ${ran.stderr}`).not.toMatch(/^(400|405|413|415)/);
    if (!mayBeRefused(id) && facts.answer.kind !== 'events') {
      expect(`${sent.status} ${ran.stderr}`).toMatch(/^(2\d\d|409)/);
      expect(ran.code).toBe(sent.status === 409 ? 6 : 0);
    }
  });

  const withBody = operationIds.filter((id) => commandOf(id).facts.body?.media === 'json');
  test.each(withBody)('%s takes its body as a whole', async (id) => {
    const { objects, credential } = await scene();
    const { path } = pathOf(id, objects);
    const body = exampleOf(id, objects);
    await run(id, [...placeArguments(id, path), '--body', home.file(JSON.stringify(body))], credential);
    expect(bodyThatArrived(last(id))).toEqual(body);
  });

  const withQuery = operationIds.filter((id) => commandOf(id).facts.query.length > 0);
  test.each(withQuery)('%s sends each parameter of its query', async (id) => {
    const { facts } = commandOf(id);
    const { objects } = await scene();
    const { path } = pathOf(id, objects);
    const declared = parametersOf(id, 'query').map((one) => one.name);
    expect(facts.query.map((flag) => flag.place[0]).sort()).toEqual([...declared].sort());
    const wanted = Object.fromEntries(facts.query.map((flag) => [flag.place[0] as string, exampleValue(id, flag)]));
    const flags = facts.query.flatMap((flag) => flagArguments(flag, wanted[flag.place[0] as string]));
    const body = bodyArguments(facts, exampleOf(id, objects));
    await run(id, [...placeArguments(id, path), ...body, ...flags], 'refused');
    const arrived = last(id)
      .query.split('&')
      .map((pair) => pair.split('='));
    expect(Object.fromEntries(arrived.map(([name = '', value = '']) => [name, decoded(wanted[name], value)]))).toEqual(wanted);
  });

  const withHeaders = operationIds.filter((id) => commandOf(id).facts.headers.length > 0);
  test.each(withHeaders)('%s sends its headers', async (id) => {
    const { facts } = commandOf(id);
    const { objects } = await scene();
    const flags = facts.headers.flatMap((name) => [`--${name.toLowerCase()}`, '"7.a"']);
    const body = bodyArguments(facts, exampleOf(id, objects));
    await run(id, [...placeArguments(id, pathOf(id, objects).path), ...body, ...flags], 'refused');
    const { headers } = last(id);
    expect(facts.headers.map((name) => headers[name.toLowerCase()])).toEqual(facts.headers.map(() => '"7.a"'));
  });
});

/** A value that the contract allows for a parameter. */
function exampleValue(id: OperationId, flag: Flag): unknown {
  const parameter = parametersOf(id, 'query').find((one) => one.name === flag.place[0]) as { schema: Schema; example?: unknown };
  if (flag.type === 'boolean') return true;
  if (flag.type === 'list') return flag.choices?.slice(0, 2) ?? ['one, two', 'thrée&=+'].slice(0, flag.commas ? 0 : 2);
  if (flag.choices) return flag.choices[0];
  if (flag.type === 'integer' || flag.type === 'number') return (resolve(parameter.schema).minimum as number | undefined) ?? 1;
  return 'a=b&c d,é';
}

/** Entries of a list stand between plain commas. */
function decoded(wanted: unknown, text: string): unknown {
  if (Array.isArray(wanted)) return text === '' ? [] : text.split(',').map(decodeURIComponent);
  const value = decodeURIComponent(text);
  return typeof wanted === 'string' ? value : JSON.parse(value);
}

/** Each member is a part; that of a file has its name. */
function expectParts({ headers, body }: Recorder['requests'][number], flags: Flag[], value: unknown): void {
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1];
  const parts = body.toString('utf8').split(`--${boundary}`);
  for (const flag of flags) {
    const text = valueAt(value, flag.place);
    if (text === undefined) continue;
    const part = parts.find((one) => one.includes(`name="${flag.place.join('.')}"`)) ?? '';
    expect(part.split('\r\n\r\n')[1]).toBe(`${text}\r\n`);
    expect(part.includes('filename="')).toBe(flag.type === 'file');
  }
}

function bodyThatArrived({ headers, body }: Recorder['requests'][number]): unknown {
  const text = body.toString('utf8');
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/json')) return JSON.parse(text);
  return type.startsWith('application/x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(text)) : text;
}
