/** A key of a label or an annotation; without prefix it is ''. */
export interface MetadataKey {
  prefix: string;
  name: string;
}

/** `prefix/name`, as a key is written; '' before the slash is no prefix but a fault. */
const separator = '/';
const reservedPrefix = 'cloudfoundry.org';
const prefixLengthMax = 253;
const lengthMax = 63;
const dnsLabel = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})+$`);

/** How much of a text is repeated in a message: all of what could be a key. */
const shownMax = prefixLengthMax + separator.length + lengthMax;
/** A text of the client in quotes, as messages name it. */
export const quoted = (text: string): string => `'${text.length > shownMax ? `${text.slice(0, shownMax)}…` : text}'`;

/** A key that was found good, in its parts. */
export function keyOf(written: string): MetadataKey {
  const [first = '', second] = written.split(separator, 2);
  return second === undefined ? { prefix: '', name: first } : { prefix: first, name: second };
}

/** A key as it is written. */
export const writtenKey = ({ prefix, name }: MetadataKey): string => (prefix === '' ? name : prefix + separator + name);

/** The first thing that is wrong with a key, to be read behind what names it; undefined when it is good. */
export function keyFault(written: string): string | undefined {
  if (written === '') return 'is empty';
  const [first = '', second, ...others] = written.split(separator, 3);
  if (others.length > 0) return `has more than one '${separator}'`;
  if (second === undefined) return nameFault(first);
  return prefixFault(first) ?? nameFault(second);
}

function prefixFault(prefix: string): string | undefined {
  if (!dnsName.test(prefix)) return 'has a prefix that is no DNS name with a dot';
  if (prefix.length > prefixLengthMax) return `has a prefix of more than ${prefixLengthMax} characters`;
  if (prefix.toLowerCase() === reservedPrefix) return `has the reserved prefix '${reservedPrefix}'`;
  return undefined;
}

function nameFault(name: string): string | undefined {
  return name === '' ? 'has an empty name' : grammarFault(name);
}

/** The first thing that is wrong with the value of a label, which is written as a name or is empty. */
export const labelValueFault = (value: string): string | undefined => (value === '' ? undefined : grammarFault(value));

function grammarFault(text: string): string | undefined {
  if (!/^[A-Za-z0-9_.-]*$/.test(text)) return "has characters other than letters, digits, '_', '-' and '.'";
  if (/^[_.-]|[_.-]$/.test(text)) return 'does not begin and end with a letter or a digit';
  if (text.length > lengthMax) return `has more than ${lengthMax} characters`;
  return undefined;
}
