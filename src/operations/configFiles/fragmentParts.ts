import type { Principal } from '../../domain/access/principal';
import { fragmentListIssues } from '../../domain/config/file';
import type { Issue } from '../../domain/errors';
import { referenceIssues } from '../../domain/references';
import type { FragmentPart } from '../../store/configFileFragments';

/** The fragments that ids name, in their order, or what is wrong with the ids. */
export async function fragmentParts(
  find: (ids: readonly string[]) => Promise<FragmentPart[]>,
  principal: Principal,
  file: { environmentId: string; isBinary: boolean },
  given: readonly string[],
): Promise<{ parts: FragmentPart[]; issues: Issue[] }> {
  const ids = given.map((id) => id.toLowerCase());
  const issues = fragmentListIssues(ids, file.isBinary);
  if (issues.length > 0) return { parts: [], issues };
  const found = new Map((await find(ids)).map((part) => [part.id, part]));
  const unknown = ids.flatMap((id, index) =>
    referenceIssues(
      { field: `fragmentIds[${index}]`, noun: 'config fragment', id },
      found.get(id),
      file.environmentId,
      principal,
    ),
  );
  return { parts: ids.flatMap((id) => found.get(id) ?? []), issues: unknown };
}
