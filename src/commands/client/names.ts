import type { Lookup } from './commandTable';
import { exitCodes } from './exitCodes';
import type { Service } from './service';
import { CommandFailure } from './terminal';

/** Whether a text has the form of an id. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** The id behind a name; an id is taken as it is, and costs no request. */
export async function idOf(
  service: Service,
  lookups: Record<string, Lookup>,
  list: string,
  text: string,
  environment?: string | undefined,
): Promise<string> {
  const lookup = lookups[list];
  if (isId(text) || !lookup) return text;
  if (lookup.environment === 'path' && environment === undefined) {
    throw new CommandFailure(exitCodes.usage, `"${text}" is no id; say in which environment it is called so: --env NAME.`);
  }
  const found = (await candidates(service, lookup, list, text, environment)).filter((one) =>
    lookup.members.some((member) => one[member] === text),
  );
  const [first, ...others] = found;
  if (!first) throw new CommandFailure(exitCodes.notFound, `There is no ${lookup.noun} called "${text}".`);
  if (others.length > 0) {
    const ids = found.map((one) => `  ${one[lookup.id]}`);
    const way = lookup.environment ? 'Say --env NAME, or give its id:' : 'Give its id:';
    throw new CommandFailure(exitCodes.usage, `${found.length} objects are called "${text}". ${way}`, ids);
  }
  return String(first[lookup.id]);
}

/** Objects that may be meant: the filter of a list can be wider than a name. */
async function candidates(
  service: Service,
  lookup: Lookup,
  list: string,
  text: string,
  environment: string | undefined,
): Promise<Record<string, unknown>[]> {
  const path = list.replace('{envId}', encodeURIComponent(environment ?? ''));
  // Under /v3 lists are separated after decoding, so that a comma in a name is encoded twice.
  const value = encodeURIComponent(lookup.filter === 'names' ? text.replaceAll(',', '%2C') : text);
  const space = lookup.environment === 'space_guids' && environment ? `&space_guids=${encodeURIComponent(environment)}` : '';
  const size = path.startsWith('/v3') ? 'per_page=100' : 'limit=1000';
  const answer = await service.ask({ method: 'GET', path: `${path}?${lookup.filter}=${value}${space}&${size}`, headers: {} });
  const body = (await answer.json()) as Record<string, Record<string, unknown>[]>;
  return body[lookup.list] ?? [];
}
