import type { Issue } from '../errors';

/**
 * Checks that `ids` names each command of a type once. Every unknown or repeated entry is an issue at its index; every
 * command that is not named is one behind the last.
 */
export function checkCommandOrder(ids: readonly string[], commands: readonly { id: string; name: string }[]): Issue[] {
  const issue = (index: number, code: Issue['code'], message: string, hint: string): Issue => ({
    in: 'body',
    field: `[${index}]`,
    code,
    message,
    hint,
  });
  const known = new Set(commands.map(({ id }) => id));
  const seen = new Set<string>();
  const wrong = ids.flatMap((id, index) => {
    if (!known.has(id))
      return [issue(index, 'unknown_reference', 'This type has no such command.', 'List the commands of the type.')];
    if (seen.has(id)) return [issue(index, 'unique', 'This command is named twice.', 'Name every command once.')];
    seen.add(id);
    return [];
  });
  const left = commands.filter(({ id }) => !seen.has(id));
  const missing = left.map(({ id, name }, index) =>
    issue(ids.length + index, 'required', `The command "${name}" is not named.`, `Add ${id} where it belongs.`),
  );
  return [...wrong, ...missing];
}
