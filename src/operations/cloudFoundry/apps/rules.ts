import { appNameTaken, unknownSpace } from '../../../domain/cloudFoundry/app';
import { unprocessable } from '../../../domain/cloudFoundry/problem';
import { checkService } from '../../../domain/services/service';
import type { Tx } from '../../../store/database';
import { violatedConstraint } from '../../../store/databaseErrors';
import { findServiceByName } from '../../../store/services';

/** 422 for a name that another app of the space has. */
export async function requireFreeName(tx: Tx, space: string, name: string): Promise<void> {
  if (await findServiceByName(tx, space, name)) throw appNameTaken(name);
}

/** 422 for variables that are too long for a service; every one is named. */
export function requireShortVariables(variables: Readonly<Record<string, string>>): void {
  const problems = checkService({ baseEnv: variables }).map(
    ({ field, message }) => `'${field.replace(/^baseEnv/, 'environment_variables')}': ${message.replace(/\.$/, '')}`,
  );
  if (problems.length > 0) throw unprocessable(...problems);
}

/** Saves an app: what another request did between the checks and now is told in the same words. */
export async function saving<T>({ name, space }: { name: string; space: string }, save: () => Promise<T>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'services_name_unique') throw appNameTaken(name);
    if (constraint === 'services_environment_id_fkey') throw unknownSpace(space);
    throw error;
  }
}
