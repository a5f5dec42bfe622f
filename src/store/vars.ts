import { type Kysely, type Selectable, sql } from 'kysely';
import type { DB, Vars } from '../../generated/database';
import type { PageRequest } from '../domain/lists/cursor';
import type { Db, Tx } from './database';
import { isUsed, type KeyUses, keyUses } from './keyUses';
import { type ListSpec, listPage } from './list';
import { statement } from './statement';

/** A var with what uses it. */
export type VarRow = Selectable<Vars> & KeyUses & { shadowed_by_secret: boolean };

const shadowed = sql<boolean>`coalesce((select true from secrets
  where secrets.environment_id = vars.environment_id and secrets.key = vars.key), false)`;
const computed = [shadowed.as('shadowed_by_secret'), ...keyUses('vars')] as const;
const withUses = (db: Kysely<DB>) => db.selectFrom('vars').selectAll('vars').select(computed);

const byId = statement<{ id: string }, VarRow>((db, { id }) => withUses(db).where('vars.id', '=', id));
const byIdLocked = statement<{ id: string }, VarRow>((db, { id }) => withUses(db).where('vars.id', '=', id).forUpdate('vars'));

/** One var, or undefined. */
export const findVar = (db: Db, id: string): Promise<VarRow | undefined> => byId.first(db, { id });

/** One var, locked until the transaction ends. */
export const lockVar = (tx: Tx, id: string): Promise<VarRow | undefined> => byIdLocked.first(tx, { id });

const list: ListSpec<VarRow> = {
  name: 'vars',
  rows: withUses as never,
  countable: (db) => db.selectFrom('vars') as never,
  id: sql`vars.id`,
  sort: {
    key: { expression: sql`vars.key`, type: 'text' },
    updatedAt: { expression: sql`vars.updated_at`, type: 'timestamp' },
  },
  filters: {
    environmentId: (id: string) => sql<boolean>`vars.environment_id = ${id}`,
    key: (keys: string[]) => sql<boolean>`vars.key = any(${keys})`,
    usedIn: (environmentId: string) => isUsed('vars', environmentId),
    unusedIn: (environmentId: string) => sql<boolean>`not ${isUsed('vars', environmentId)}`,
    q: (pattern: string) => sql<boolean>`vars.key ilike ${pattern}`,
  },
  parent: { table: 'environments', filter: 'environmentId' },
  counted: 'vars',
};

export interface VarFilters {
  environmentId: string;
  key?: string[] | undefined;
  used?: boolean | undefined;
  /** A pattern made by `containing`. */
  q?: string | undefined;
}

/** A page of the vars of one environment. */
export const listVars = (db: Db, page: PageRequest, { used, ...filters }: VarFilters) =>
  listPage(db, list, page, {
    ...filters,
    usedIn: used === true ? filters.environmentId : undefined,
    unusedIn: used === false ? filters.environmentId : undefined,
  });

const byKey = statement<{ environmentId: string; key: string }, { id: string }>((db, v) =>
  db.selectFrom('vars').select('id').where('environment_id', '=', v.environmentId).where('key', '=', v.key),
);

/** The var that has a key in an environment. */
export const findVarByKey = (db: Db, environmentId: string, key: string): Promise<{ id: string } | undefined> =>
  byKey.first(db, { environmentId, key });

export interface NewVar {
  id: string;
  environment_id: string;
  key: string;
  value: string;
  description: string | null;
}

const insert = statement<NewVar, VarRow>((db, v) =>
  db
    .insertInto('vars')
    .values({ id: v.id, environment_id: v.environment_id, key: v.key, value: v.value, description: v.description })
    .returningAll()
    .returning(computed),
);

/** Adds a var; gives the row as stored. */
export async function insertVar(tx: Tx, values: NewVar): Promise<VarRow> {
  return (await insert.first(tx, values)) as VarRow;
}

interface VarValues {
  id: string;
  value: string;
  description: string | null;
}

const update = statement<VarValues, VarRow>((db, v) =>
  db
    .updateTable('vars')
    .set({
      value: v.value,
      description: v.description,
      value_updated_at: sql`case when value = ${v.value} then value_updated_at else now() end`,
      version: sql`version + 1`,
      updated_at: sql`now()`,
    })
    .where('id', '=', v.id)
    .returningAll()
    .returning(computed),
);

/** Replaces what a user sets on a locked var, and counts the version up; another value is a rotation. */
export async function updateVarRow(tx: Tx, values: VarValues): Promise<VarRow> {
  return (await update.first(tx, values)) as VarRow;
}

const remove = statement<{ id: string }, never>((db, { id }) => db.deleteFrom('vars').where('id', '=', id) as never);

/** Deletes a locked var. */
export const deleteVarRow = (tx: Tx, id: string): Promise<never[]> => remove.all(tx, { id });
