import { type Selectable, sql } from 'kysely';
import type { EnvironmentSsh } from '../../generated/database';
import type { StoredModule } from '../domain/settings/environmentSettings';
import type { Db, Tx } from './database';
import type { SealedPlace } from './sealing';
import { statement } from './statement';

export type EnvironmentSshRow = Selectable<EnvironmentSsh>;

/** The SSH access of an environment, and what it depends on. */
export interface SshAccess {
  environment_name: string;
  /** null = no key is set. */
  ssh: EnvironmentSshRow | null;
  /** What is set in the modules that it depends on. */
  general: StoredModule;
  configuration: StoredModule;
}

const stored = (environmentId: string, module: string) => sql<StoredModule>`
  coalesce((select settings from environment_settings where environment_id = ${environmentId} and module = ${sql.lit(module)}), '{}')`;

const access = statement<{ id: string }, SshAccess>(
  (_, v) => sql<SshAccess>`
  select environments.name as environment_name, to_jsonb(environment_ssh) as ssh,
    ${stored(v.id, 'general')} as general, ${stored(v.id, 'configuration')} as configuration
  from environments left join environment_ssh on environment_ssh.environment_id = environments.id
  where environments.id = ${v.id}`,
);

/** The SSH access of an environment; undefined when there is no such environment. */
export const findSshAccess = (db: Db, environmentId: string): Promise<SshAccess | undefined> =>
  access.first(db, { id: environmentId });

const lock = statement<{ id: string }, { id: string }>((db, { id }) =>
  db.selectFrom('environments').select('id').where('id', '=', id).forNoKeyUpdate(),
);

/** As `findSshAccess`, with the environment locked until the transaction ends; it is read behind the lock. */
export const lockSshAccess = async (tx: Tx, environmentId: string): Promise<SshAccess | undefined> =>
  (await lock.first(tx, { id: environmentId })) && access.first(tx, { id: environmentId });

/** Where the key of an environment is sealed for. */
export const placeOfSshKey = (environmentId: string): SealedPlace => ({
  table: 'environment_ssh',
  column: 'private_key_sealed',
  rowId: environmentId,
});

export interface SshValues {
  environmentId: string;
  privateKeySealed: string;
  sshUser: string;
  keyType: string;
  fingerprint: string;
}

const save = statement<SshValues, EnvironmentSshRow>((db, v) =>
  db
    .insertInto('environment_ssh')
    .values({
      environment_id: v.environmentId,
      private_key_sealed: v.privateKeySealed,
      ssh_user: v.sshUser,
      key_type: v.keyType,
      fingerprint: v.fingerprint,
    })
    .onConflict((conflict) =>
      conflict.column('environment_id').doUpdateSet({
        private_key_sealed: sql`excluded.private_key_sealed`,
        ssh_user: sql`excluded.ssh_user`,
        key_type: sql`excluded.key_type`,
        fingerprint: sql`excluded.fingerprint`,
        version: sql`excluded.version`,
        updated_at: sql`now()`,
      }),
    )
    .returningAll(),
);

/** Sets the key of a locked environment. */
export const saveSsh = async (tx: Tx, values: SshValues): Promise<EnvironmentSshRow> =>
  (await save.first(tx, values)) as EnvironmentSshRow;

const remove = statement<{ id: string }, never>(
  (db, { id }) => db.deleteFrom('environment_ssh').where('environment_id', '=', id) as never,
);

/** Removes the key of a locked environment. */
export async function deleteSsh(tx: Tx, environmentId: string): Promise<void> {
  await remove.all(tx, { id: environmentId });
}
