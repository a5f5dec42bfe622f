import { uuidv7 } from 'uuidv7';
import type { DatabaseTypeDefinition, ServiceTypeDefinition } from '../domain/types/definition';
import { isNothingToLoad, planTypeLoad, type TypeLoadPlan } from '../domain/types/typeLoad';
import { lockBoot } from '../store/boot';
import type { Database, Tx } from '../store/database';
import { insertDatabaseType, keepDatabaseTypeDefinition, updateDatabaseTypeRow } from '../store/databaseTypes';
import { insertServiceType, keepServiceTypeDefinition, updateServiceTypeRow } from '../store/serviceTypes';
import { databaseTypeCommands, serviceTypeCommands } from '../store/typeCommands';
import { findLoadedTypes, keepTypeLoadStatus, type LoadedTypes, lockLoadedTypes } from '../store/typeLoad';
import { readTypeFiles } from './typeFiles';

interface LoadParts {
  database: Database;
  typesDir: string | null;
  now(): Date;
  /** Where the shipped files are; a test has its own. */
  shipped?: string;
}

/**
 * Makes types of the shipped files and of those in TYPES_DIR. A start that finds nothing new costs one statement;
 * replicas that start together do the rest once.
 */
export async function loadTypes({ database, typesDir, now, shipped }: LoadParts): Promise<void> {
  const files = await readTypeFiles(typesDir, shipped);
  const plan = (loaded: LoadedTypes) => ({
    serviceTypes: planTypeLoad(files.serviceTypes, loaded.serviceTypes),
    databaseTypes: planTypeLoad(files.databaseTypes, loaded.databaseTypes),
  });
  const found = await findLoadedTypes(database.db);
  if (isNothingToLoad(plan(found), found.status)) return;
  await database.transact(async (tx) => {
    await lockBoot(tx);
    const loaded = await lockLoadedTypes(tx);
    const { serviceTypes, databaseTypes } = plan(loaded);
    if (isNothingToLoad({ serviceTypes, databaseTypes }, loaded.status)) return;
    await load(tx, serviceTypes, serviceTypeWriter);
    await load(tx, databaseTypes, databaseTypeWriter);
    const timestamp = now().toISOString();
    await keepTypeLoadStatus(tx, { serviceTypes: serviceTypes.result, databaseTypes: databaseTypes.result, timestamp });
  });
}

/** The writes of one kind of type. */
interface TypeWriter<Definition> {
  create(tx: Tx, definition: Definition): Promise<void>;
  update(tx: Tx, id: string, definition: Definition): Promise<void>;
  keep(tx: Tx, id: string, text: string): Promise<void>;
}

async function load<Definition>(tx: Tx, plan: TypeLoadPlan<Definition>, writer: TypeWriter<Definition>): Promise<void> {
  for (const definition of plan.create) await writer.create(tx, definition);
  for (const { id, definition } of plan.update) await writer.update(tx, id, definition);
  for (const { id, definition } of [...plan.update, ...plan.keep]) await writer.keep(tx, id, JSON.stringify(definition));
}

const withIds = <Command extends object>(commands: readonly Command[]) =>
  commands.map((command) => ({ ...command, id: uuidv7() }));

const serviceTypeWriter: TypeWriter<ServiceTypeDefinition> = {
  async create(tx, definition) {
    const { name, displayName, commands } = definition;
    const id = uuidv7();
    const shipped_definition = JSON.stringify(definition);
    await insertServiceType(tx, { id, name, display_name: displayName, source: 'shipped', shipped_definition });
    await serviceTypeCommands.replace(tx, id, withIds(commands));
  },
  async update(tx, id, { displayName, commands }) {
    await serviceTypeCommands.replace(tx, id, withIds(commands));
    await updateServiceTypeRow(tx, { id, display_name: displayName, is_customized: false });
  },
  keep: keepServiceTypeDefinition,
};

const databaseTypeWriter: TypeWriter<DatabaseTypeDefinition> = {
  async create(tx, definition) {
    const { name, commands, ...settings } = definition;
    const id = uuidv7();
    await insertDatabaseType(tx, { id, name, source: 'shipped', shipped_definition: JSON.stringify(definition) }, settings);
    await databaseTypeCommands.replace(tx, id, withIds(commands));
  },
  async update(tx, id, { commands, ...settings }) {
    await databaseTypeCommands.replace(tx, id, withIds(commands));
    await updateDatabaseTypeRow(tx, { id, is_customized: false }, settings);
  },
  keep: keepDatabaseTypeDefinition,
};
