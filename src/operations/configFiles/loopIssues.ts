import { hasScope, type Principal, seesEnvironment } from '../../domain/access/principal';
import { environmentsNamedIn } from '../../domain/config/serverLoops';
import type { Issue } from '../../domain/errors';
import type { Tx } from '../../store/database';
import { environmentsByName } from '../../store/environments';

/**
 * What is wrong with the server loops of texts that are saved, by the member that each text came with: servers of another
 * environment are told to those only who may read them. Whether that environment is unknown or out of reach is not told.
 */
export async function loopIssues(
  tx: Tx,
  principal: Principal,
  environmentId: string,
  texts: Readonly<Record<string, string>>,
): Promise<Issue[]> {
  const named = Object.entries(texts).map(([field, text]) => ({ field, names: environmentsNamedIn(text) }));
  const names = new Set(named.flatMap((one) => one.names));
  if (names.size === 0) return [];
  const found = await environmentsByName(tx, [...names]);
  const readable = new Set(found.filter(({ id }) => id === environmentId || mayRead(principal, id)).map(({ name }) => name));
  return named.flatMap(({ field, names: ofText }) =>
    ofText.filter((name) => !readable.has(name)).map((name) => unknownEnvironment(field, name)),
  );
}

const mayRead = (principal: Principal, environmentId: string): boolean =>
  seesEnvironment(principal, environmentId) && hasScope(principal, 'servers:read');

const unknownEnvironment = (field: string, name: string): Issue => ({
  in: 'body',
  field,
  code: 'unknown_reference',
  message: `A server loop names the environment "${name.slice(0, 100)}", which is none that this credential may read.`,
  hint: 'Name one whose servers you may list, or leave environment="…" out for those of the own one.',
});

/** As `loopIssues`, for a file of a text and fragments. */
export function loopIssuesOfFile(
  tx: Tx,
  principal: Principal,
  environmentId: string,
  text: string | undefined,
  parts: readonly { content: string }[],
): Promise<Issue[]> {
  const texts = parts.map(({ content }, index) => [`fragmentIds[${index}]`, content] as const);
  return loopIssues(tx, principal, environmentId, { content: text ?? '', ...Object.fromEntries(texts) });
}
