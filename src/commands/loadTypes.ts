import { uuidv7 } from 'uuidv7';
import type { DatabaseTypeDefinition, ServiceTypeDefinition } from '../domain/types/definition';
import { isNothingToLoad, planTypeLoad, type TypeLoadPlan } from '../domain/types/typeLoad';
import { lockBoot } from '../store/boot';
import type { Database, Tx } from '../store/database';
import { insertDatabaseType, keepDatabaseTypeDefinition, updateDatabaseTypeRow } from '../store/databaseTypes';
import { insertServiceType, keepServiceTypeDefinition, updateServiceTypeRow } from '../store/serviceTypes';
import { databaseTypeCommands, serviceTypeCommands } from '../store/typeCommands';
import { findLoadedTypes, keepTypeLoadStatus, type LoadedTypes, lockLoadedTypes } from '../store/typeLoad';
import { readTypeFiles, type TypeFolders } from './typeFiles';

interface LoadParts extends TypeFolders {
  database: Database;
  now(): Date;
}

/**
 * Makes types of the shipped files and of those in TYPES_DIR. A start that finds nothing new costs one statement;
 * replicas that start together do the rest once.
 */
export async function loadTypes({ database, now, ...folders }: LoadParts): Promise<void> {
  const found = await findLoadedTypes(database.db);
  if (isNothingToLoad(planOf(folders, found), found.status)) return;
  await database.transact(async (tx) => {
    await lockBoot(tx);
    const loaded = await lockLoadedTypes(tx);
    const plans = planOf(folders, loaded);
    if (isNothingToLoad(plans, loaded.status)) return;
    const { serviceTypes, databaseTypes } = plans;
    await load(tx, serviceTypes, serviceTypeWriter);
    await load(tx, databaseTypes, databaseTypeWriter);
    const timestamp = now().toISOString();
    await keepTypeLoadStatus(tx, { serviceTypes: serviceTypes.result, databaseTypes: databaseTypes.result, timestamp });
  });
}

function planOf(folders: TypeFolders, loaded: LoadedTypes) {
  const { serviceTypes, databaseTypes } = readTypeFiles(folders, loaded);
  return {
    serviceTypes: planTypeLoad(serviceTypes, loaded.serviceTypes),
    databaseTypes: planTypeLoad(databaseTypes, loaded.databaseTypes),
  };
}

/** The writes of one kind of type; `shipped` is the text of what the file says. */
interface TypeWriter<Definition> {
  create(tx: Tx, definition: Definition, shipped: string): Promise<void>;
  update(tx: Tx, id: string, definition: Definition): Promise<void>;
  keep(tx: Tx, id: string, shipped: string): Promise<void>;
}

async function load<Definition>(tx: Tx, plan: TypeLoadPlan<Definition>, writer: TypeWriter<Definition>): Promise<void> {
  for (const { definition, body } of plan.create) await writer.create(tx, definition, JSON.stringify(body));
  for (const { id, file } of plan.update) await writer.update(tx, id, file.definition);
  for (const { id, file } of [...plan.update, ...plan.keep]) await writer.keep(tx, id, JSON.stringify(file.body));
}

const withIds = <Command extends object>(commands: readonly Command[]) =>
  commands.map((command) => ({ ...command, id: uuidv7() }));

const serviceTypeWriter: TypeWriter<ServiceTypeDefinition> = {
  async create(tx, { name, displayName, commands }, shipped) {
    const id = uuidv7();
    await insertServiceType(tx, { id, name, display_name: displayName, source: 'shipped', shipped_definition: shipped });
    await serviceTypeCommands.replace(tx, id, withIds(commands));
  },
  async update(tx, id, { displayName, commands }) {
    await serviceTypeCommands.replace(tx, id, withIds(commands));
    await updateServiceTypeRow(tx, { id, display_name: displayName, is_customized: false });
  },
  keep: keepServiceTypeDefinition,
};

const databaseTypeWriter: TypeWriter<DatabaseTypeDefinition> = {
  async create(tx, { name, commands, ...settings }, shipped) {
    const id = uuidv7();
    await insertDatabaseType(tx, { id, name, source: 'shipped', shipped_definition: shipped }, settings);
    await databaseTypeCommands.replace(tx, id, withIds(commands));
  },
  async update(tx, id, { name, commands, ...settings }) {
    await databaseTypeCommands.replace(tx, id, withIds(commands));
    await updateDatabaseTypeRow(tx, { id, is_customized: false }, settings);
  },
  keep: keepDatabaseTypeDefinition,
};
