import { type Kysely, type QueryCreator, type Selectable, sql } from 'kysely';
import type { DB, Packages } from '../../../generated/database';
import type { ListRequest } from '../../domain/cloudFoundry/listRequest';
import type { Metadata } from '../../domain/cloudFoundry/metadata';
import { isId } from '../../domain/ids';
import type { Db, Tx } from '../database';
import { statement } from '../statement';
import { listColumnsOf, listV3, type V3ListSpec } from './list';
import { byIds } from './listConditions';
import { metadataColumns } from './metadata';

/** A package with its metadata. */
export type PackageRow = Selectable<Packages> & Metadata;

const packages = (db: QueryCreator<DB>) =>
  db.selectFrom('packages').selectAll('packages').select(metadataColumns('package', sql`packages.id`));

const byId = statement<{ id: string }, PackageRow>((db, { id }) => packages(db).where('packages.id', '=', id) as never);
const lock = statement<{ id: string }, never>(
  (db, { id }) => db.selectFrom('packages').select([]).where('id', '=', id).forUpdate() as never,
);

/** One package, or undefined; any text may be asked for. */
export async function findPackage(db: Db, guid: string): Promise<PackageRow | undefined> {
  return isId(guid) ? byId.first(db, { id: guid }) : undefined;
}

/** One package, locked until the transaction ends, and read behind the lock. */
export async function lockPackage(tx: Tx, id: string): Promise<PackageRow | undefined> {
  await lock.all(tx, { id });
  return byId.first(tx, { id });
}

/** All packages are of one type, and ready. */
const always = (value: string) => (values: readonly string[]) => sql<boolean>`${sql.lit(value)} = any(${values}::text[])`;

const list: V3ListSpec<PackageRow> = {
  name: 'packages',
  type: 'package',
  rows: packages as never,
  countable: ((db: Kysely<DB>) => db.selectFrom('packages')) as never,
  ...listColumnsOf('packages'),
  wholeSeconds: true,
  filters: {
    states: always('READY'),
    types: always('docker'),
    app_guids: byIds(sql`packages.service_id`),
  },
  counted: { list: 'packages' },
};

/** A page of packages. */
export const listPackages = (db: Db, request: ListRequest, reach: readonly string[] | undefined) =>
  listV3(db, list, request, reach);

interface NewPackage {
  id: string;
  environmentId: string;
  appId: string;
  image: string;
  username: string | null;
  passwordSealed: string | null;
}
const insert = statement<NewPackage, never>(
  (_, v) => sql<never>`
  insert into packages (id, environment_id, service_id, image, username, password_sealed)
  values (${v.id}, ${v.environmentId}, ${v.appId}, ${v.image}, ${v.username}, ${v.passwordSealed})`,
);

/** Adds a package of a locked app. */
export async function insertPackage(tx: Tx, values: NewPackage): Promise<void> {
  await insert.all(tx, values);
}

interface Credentials {
  id: string;
  username: string | null;
  passwordSealed: string | null;
}
const update = statement<Credentials, never>(
  (_, v) => sql<never>`
  update packages set username = ${v.username}, password_sealed = ${v.passwordSealed}, updated_at = date_trunc('second', now())
  where id = ${v.id}`,
);

/** Replaces the credentials of a locked package, and notes that it was changed. */
export async function updatePackageRow(tx: Tx, values: Credentials): Promise<void> {
  await update.all(tx, values);
}
