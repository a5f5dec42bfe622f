import type { Issue } from '../errors';

/** Commands of a type must not share a name; every further one is an issue at `commands[i].name`. */
export function checkCommandNames(commands: readonly { name: string }[]): Issue[] {
  return repeatedNames(commands).map(([index, name]) => ({
    in: 'body',
    field: `commands[${index}].name`,
    code: 'unique',
    message: `Another command of this type is named "${name}".`,
    hint: 'Give every command its own name.',
  }));
}

/** Place and name of every entry whose name an earlier one already has. */
export function repeatedNames(entries: readonly { name: string }[]): [index: number, name: string][] {
  const seen = new Set<string>();
  return entries.flatMap(({ name }, index): [number, string][] => {
    if (seen.has(name)) return [[index, name]];
    seen.add(name);
    return [];
  });
}
