import { type Document, isAlias, isMap, Scalar, stringify } from 'yaml';
import { compareTexts } from '../compareTexts';
import { keysIn, substitute } from './placeholders';
import type { TemplateError } from './serverLoops';
import { hidden, type Values } from './values';
import { readYaml } from './yamlDocument';

/** An image as a compose document names it; without a digest while none is known for the tag. */
export interface ComposeImage {
  repository: string;
  tag: string;
  digest: string | null;
}

export interface ExposedPort {
  host: number | null;
  container: number;
  protocol: string;
  hostIp: string | null;
}

/** What the compose document of a placement is made from. */
export interface ComposeSources {
  serviceName: string;
  containerName: string;
  template: string | null;
  image: ComposeImage;
  /** Files in effect on the placement, in the order of their attachment. */
  files: readonly { filename: string; targetPath: string }[];
  ports: readonly ExposedPort[];
  baseEnv: Readonly<Record<string, string>>;
  envOverrides: Readonly<Record<string, string>>;
  values: Values;
}

export interface ComposeRendering {
  /** Empty when there are errors. */
  document: string;
  errors: TemplateError[];
  /** What goes to the environment file, which the document refers to when it is not empty. */
  env: EnvVariable[];
  usedSecrets: boolean;
}

export interface EnvVariable {
  key: string;
  value: string;
  /** Keys in its value that nothing is known for. */
  missing: string[];
}

/** Longer documents are refused: reading YAML takes time. */
const longestDocumentChars = 1024 * 1024;

/** `$$` is how compose itself writes a dollar sign, so it goes before a placeholder. */
const inTemplate = /\$\$|\$\{([A-Z_][A-Z0-9_]{0,254})\}/g;
/** Keys that name facts of the deploy and no values. */
const fact = /^(SERVICE_NAME|CONTAINER_NAME|IMAGE_NAME|IMAGE_TAG|IMAGE_DIGEST|FULL_IMAGE|CONFIG_FILE_\d+(_NAME)?)$/;

/** Keys of values that a compose template names: those that `renderCompose` looks up. */
export function composeKeysIn(template: string): string[] {
  const keys = new Set<string>();
  for (const [, key] of template.matchAll(inTemplate)) if (key !== undefined && !fact.test(key)) keys.add(key);
  return [...keys];
}

/** Keys that a service names in its template and its variables. */
export const keysOfService = (template: string | null, baseEnv: Readonly<Record<string, string>>): string[] => [
  ...new Set([...composeKeysIn(template ?? ''), ...keysOfEnv(baseEnv)]),
];

/** Keys that the values of variables name. */
export const keysOfEnv = (env: Readonly<Record<string, string>>): string[] => [...new Set(Object.values(env).flatMap(keysIn))];

/** The image by digest, else by tag. */
export const fullImage = ({ repository, tag, digest }: ComposeImage): string =>
  digest === null ? `${repository}:${tag}` : `${repository}@${digest}`;

/** The environment file of a container, beside its compose document. */
export const envFileName = (containerName: string): string => `./${containerName}.env`;

/**
 * The compose document and the environment of a placement. The document is the template with everything inserted, or a default
 * one; it must be YAML with a service that is called as the container.
 */
export function renderCompose(sources: ComposeSources): ComposeRendering {
  const merged = { ...sources.baseEnv, ...sources.envOverrides };
  // Storage keeps no order, so it is theirs by name.
  const resolved = Object.entries(merged)
    .sort(([a], [b]) => compareTexts(a, b))
    .map(([key, text]) => {
      const { text: value, missing } = substitute(text, (name) => sources.values.get(name));
      return { key, value, missing };
    });
  if (sources.template === null) {
    return { document: defaultDocument(sources, resolved.length > 0), errors: [], env: resolved, usedSecrets: false };
  }
  const { text, usedSecrets } = insertInto(sources.template, sources);
  if (text === undefined) return failed(usedSecrets, `The document would be longer than ${longestDocumentChars} characters.`);
  return { ...withEnvFile(text, sources.containerName, resolved), usedSecrets };
}

/**
 * The same for eyes that may not see secrets. A secret could be anything, YAML included, so it is not replaced in the finished
 * document: a word that no document holds goes through it instead. That a secret spoils the document is told without details.
 */
export function previewCompose(sources: ComposeSources): ComposeRendering {
  const stand = wordOutside(sources.template ?? '');
  const hide = (text: string) => text.replaceAll(stand, hidden);
  const values = new Map([...sources.values].map(([key, value]) => [key, value.secret ? { value: stand, secret: true } : value]));
  const shown = renderCompose({ ...sources, values });
  const errors = shown.errors.map((error) => ({ ...error, message: hide(error.message) }));
  if (errors.length === 0 && shown.usedSecrets && renderCompose(sources).errors.length > 0) {
    errors.push({ line: 1, column: 1, message: 'With the values of its secrets this is no compose document.' });
  }
  const env = shown.env.map((variable) => ({ ...variable, value: hide(variable.value) }));
  return { ...shown, document: hide(shown.document), errors, env };
}

function wordOutside(text: string): string {
  let word = 'hidden-secret';
  while (text.includes(word)) word += '-0';
  return word;
}

const failed = (usedSecrets: boolean, message: string, line = 1, column = 1): ComposeRendering => ({
  document: '',
  errors: [{ line, column, message }],
  env: [],
  usedSecrets,
});

function defaultDocument(sources: ComposeSources, hasEnv: boolean): string {
  const { containerName, image, files, ports } = sources;
  const published = [...new Set(ports.flatMap(publishedPort))].map((port) => quoted(port));
  const mounts = files.map(({ targetPath }) => ({
    type: 'bind',
    source: escaped(targetPath),
    target: escaped(targetPath),
    read_only: true,
  }));
  const service = {
    image: fullImage(image),
    container_name: containerName,
    restart: 'unless-stopped',
    ...(hasEnv ? { env_file: [envFileName(containerName)] } : {}),
    ...(mounts.length > 0 ? { volumes: mounts } : {}),
    ...(published.length > 0 ? { ports: published } : {}),
  };
  return stringify({ services: { [containerName]: service } }, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** As older YAML reads it, `22:22` without quotes is a number. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

const wildcards: readonly (string | null)[] = [null, '', '0.0.0.0', '::', '[::]', '*'];

/** A port as compose takes it; nothing for one that the host does not publish. */
function publishedPort({ host, container, protocol, hostIp }: ExposedPort): string[] {
  if (host === null) return [];
  const address = hostIp?.includes(':') && !hostIp.startsWith('[') ? `[${hostIp}]` : hostIp;
  const suffix = protocol === 'tcp' ? '' : `/${protocol}`;
  return [`${wildcards.includes(hostIp) ? '' : `${address}:`}${host}:${container}${suffix}`];
}

/** Text that compose takes as it is. */
const escaped = (text: string): string => text.replaceAll('$', '$$$$');

/** Inserts facts and values. What compose may resolve itself stays; undefined when the text becomes too long. */
function insertInto(template: string, sources: ComposeSources): { text: string | undefined; usedSecrets: boolean } {
  const facts = factsOf(sources);
  let usedSecrets = false;
  let room = longestDocumentChars - template.length;
  const text = template.replace(inTemplate, (found, key: string | undefined) => {
    if (key === undefined) return found;
    const value = fact.test(key) ? facts.get(key) : sources.values.get(key)?.value;
    if (value === undefined) return found;
    usedSecrets ||= !fact.test(key) && sources.values.get(key)?.secret === true;
    const inserted = room < 0 ? '' : escaped(value);
    room -= inserted.length;
    return inserted;
  });
  return { text: room < 0 ? undefined : text, usedSecrets };
}

function factsOf({ serviceName, containerName, image, files }: ComposeSources): Map<string, string> {
  return new Map([
    ['SERVICE_NAME', serviceName],
    ['CONTAINER_NAME', containerName],
    ['IMAGE_NAME', image.repository],
    ['IMAGE_TAG', image.tag],
    ['IMAGE_DIGEST', image.digest ?? ''],
    ['FULL_IMAGE', fullImage(image)],
    ...files.flatMap(({ filename, targetPath }, index): [string, string][] => [
      [`CONFIG_FILE_${index}`, targetPath],
      [`CONFIG_FILE_${index}_NAME`, filename],
    ]),
  ]);
}

/** Files that a template names by a number that no attached file has. */
export const filesNotThere = (template: string, count: number): string[] => {
  const named = [...template.matchAll(inTemplate)].map(([, key = '']) => key);
  return [...new Set(named)].filter((key) => Number(/^CONFIG_FILE_(\d+)(_NAME)?$/.exec(key)?.[1] ?? -1) >= count);
};

type Read = { parsed: Document; service: Record<string, unknown> } | { error: TemplateError };

/** A document that is read whole: aliases and merge keys resolved. */
function read(text: string, containerName: string): Read {
  const at = (offset: number) => {
    const before = text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
  };
  try {
    const found = readYaml(text);
    if ('message' in found) return { error: { ...at(found.offset), message: `This is no YAML: ${found.message}` } };
    const parsed = found.document;
    const services = parsed.get('services', true);
    const node = isMap(services) ? services.get(containerName, true) : undefined;
    const message = `There is no service "${containerName}" under services, which is what the container is called.`;
    if (isAlias(node)) return { error: { ...at(node.range?.[0] ?? 0), message: `${message} An alias is not enough.` } };
    if (!isMap(node)) return { error: { line: 1, column: 1, message } };
    const plain = parsed.toJS() as { services: Record<string, Record<string, unknown>> };
    return { parsed, service: plain.services[containerName] ?? {} };
  } catch (error) {
    // Aliases of nothing, and such as would make a giant of a dwarf.
    return { error: { line: 1, column: 1, message: `This YAML cannot be read: ${(error as Error).message}` } };
  }
}

/** Adds the environment file to a service, for variables that its own `environment` does not set. */
function withEnvFile(text: string, containerName: string, variables: EnvVariable[]): Omit<ComposeRendering, 'usedSecrets'> {
  const found = read(text, containerName);
  if ('error' in found) return { document: '', errors: [found.error], env: [] };
  const own = keysSetBy(found.service.environment);
  const env = variables.filter(({ key }) => !own.has(key));
  if (env.length === 0) return { document: text, errors: [], env };
  const present = [found.service.env_file ?? []].flat();
  // The last file wins, and what is set here is meant to.
  found.parsed.setIn(['services', containerName, 'env_file'], [...present, envFileName(containerName)]);
  return { document: found.parsed.toString({ lineWidth: 0 }), errors: [], env };
}

/** Keys of `environment`, which is a map or a list of `KEY=value`. */
function keysSetBy(environment: unknown): Set<string> {
  if (Array.isArray(environment)) return new Set(environment.map((entry) => String(entry).split('=', 1)[0] as string));
  return new Set(typeof environment === 'object' && environment !== null ? Object.keys(environment) : []);
}

/** Values that need no quotes in an environment file. */
const plainValue = /^[A-Za-z0-9_./:@,+=-]*$/;

/**
 * The environment file, so that compose reads each value as it is: it would resolve dollar signs, and end a value at the end of
 * a line, where they are not quoted.
 */
export const envFileOf = (env: readonly EnvVariable[]): string =>
  env.map(({ key, value }) => `${key}=${plainValue.test(value) ? value : quotedValue(value)}\n`).join('');

const quotedValue = (value: string): string =>
  `"${value
    .replace(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}"`;
