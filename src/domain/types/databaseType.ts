import type { Issue } from '../errors';
import { checkCommandTemplate, reservedPlaceholders, type TemplateField } from './commandTemplate';
import { checkCommandNames, repeatedNames } from './serviceType';

/** A connection field as its JSON schema lets it through. */
export interface ConnectionField extends TemplateField {
  label: string;
  required?: boolean | undefined;
  default?: string | number | null | undefined;
}

/** The parts of a database type that depend on each other. */
export interface DatabaseTypeParts {
  connectionFields: readonly ConnectionField[];
  backupCommand: string | null;
  restoreCommand: string | null;
  commands: readonly { name: string; command: string }[];
}

/** What a create or update body says about these parts; absent members stay as they are. */
export type DatabaseTypeChange = { [Part in keyof DatabaseTypeParts]?: DatabaseTypeParts[Part] | undefined };

const noParts: DatabaseTypeParts = { connectionFields: [], backupCommand: null, restoreCommand: null, commands: [] };

/**
 * Checks a create or update body beyond its JSON schema. New fields are also held against the commands that the type
 * keeps, so that none of them loses a field it needs.
 * @param stored the type as it is; left out on create
 */
export function checkDatabaseType(change: DatabaseTypeChange, stored: DatabaseTypeParts = noParts): Issue[] {
  const fields = change.connectionFields ?? stored.connectionFields;
  return [
    ...(change.connectionFields ? checkConnectionFields(change.connectionFields) : []),
    ...templatesOf(change).flatMap(({ text, path }) => checkCommandTemplate(text, { fields, field: path })),
    ...(change.connectionFields ? keptTemplateIssues(change, stored, fields) : []),
    ...checkCommandNames(change.commands ?? []),
  ];
}

/** Checks names and defaults of connection fields. */
export function checkConnectionFields(fields: readonly ConnectionField[]): Issue[] {
  const repeated = repeatedNames(fields).map(
    ([index, name]): Issue => ({
      in: 'body',
      field: `connectionFields[${index}].name`,
      code: 'unique',
      message: `Another connection field is named "${name}".`,
      hint: 'Give every field its own name.',
    }),
  );
  return [
    ...repeated,
    ...fields.flatMap((field, index) => [...reservedNameIssues(field, index), ...defaultIssues(field, index)]),
  ];
}

function reservedNameIssues({ name }: ConnectionField, index: number): Issue[] {
  if (!reservedPlaceholders.includes(name)) return [];
  return [
    {
      in: 'body',
      field: `connectionFields[${index}].name`,
      code: 'pattern',
      message: `"${name}" is reserved: {{${name}}} is filled in by Portolan.`,
      hint: `Choose another name than ${reservedPlaceholders.join(', ')}.`,
    },
  ];
}

function defaultIssues({ name, type, default: value }: ConnectionField, index: number): Issue[] {
  if (value === undefined || value === null) return [];
  const issue = (code: Issue['code'], message: string, hint: string): Issue[] => [
    { in: 'body', field: `connectionFields[${index}].default`, code, message, hint },
  ];
  if (type === 'password') {
    return issue('inconsistent', 'A password field has no default.', 'Leave it out; every database has its own password.');
  }
  if (type === 'text') {
    return typeof value === 'string'
      ? []
      : issue('type', 'The default of a text field must be text.', `Write "${value}" in quotes.`);
  }
  // Connection values of number fields are integers, so another default could never be stored.
  if (!Number.isInteger(value)) {
    return issue('type', 'The default of a number field must be an integer.', 'Write it as a JSON number, without quotes.');
  }
  if (name === 'port' && (Number(value) < 1 || Number(value) > 65535)) {
    return issue(Number(value) < 1 ? 'minimum' : 'maximum', 'The default of port must be between 1 and 65535.', 'Choose a port.');
  }
  return [];
}

interface PlacedTemplate {
  text: string;
  path: string;
}

function templatesOf({ backupCommand, restoreCommand, commands = [] }: DatabaseTypeChange): PlacedTemplate[] {
  return [
    { text: backupCommand, path: 'backupCommand' },
    { text: restoreCommand, path: 'restoreCommand' },
    ...commands.map(({ command }, index) => ({ text: command, path: `commands[${index}].command` })),
  ].filter((template): template is PlacedTemplate => typeof template.text === 'string');
}

/** The fields are what the body changes, so what breaks a kept command is said of them. */
function keptTemplateIssues(change: DatabaseTypeChange, stored: DatabaseTypeParts, fields: readonly ConnectionField[]): Issue[] {
  const kept = templatesOf({
    backupCommand: change.backupCommand === undefined ? stored.backupCommand : null,
    restoreCommand: change.restoreCommand === undefined ? stored.restoreCommand : null,
  });
  const keptCommands = change.commands ? [] : stored.commands;
  return [...kept, ...keptCommands.map(({ name, command }) => ({ text: command, path: `the command "${name}"` }))].flatMap(
    ({ text, path }) =>
      checkCommandTemplate(text, { fields, field: 'connectionFields' }).map((issue) => ({
        ...issue,
        code: 'inconsistent' as const,
        message: `These fields do not suit ${path}. ${issue.message}`,
        hint: path.startsWith('the ') ? 'Change or delete that command first.' : `Keep the field, or send a new ${path} too.`,
      })),
  );
}
