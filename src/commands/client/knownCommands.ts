import table from '../../../generated/commands.json';
import type { CommandFacts, CommandTable, Flag } from './commandTable';

/** The operations of the contract as commands. */
export const commandTable = table as unknown as CommandTable;

/** What can be said of a request, in the order of the contract. */
export const flagsOf = ({ query, body }: CommandFacts): Flag[] => [...query, ...(body?.flags ?? [])];
