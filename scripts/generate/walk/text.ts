/**
 * Texts with variables in them. A variable stands between two characters that no contract has, so that a body may hold any
 * notation of any tool: `{{host}}` in a command is a text, and stays one.
 */
const begin = '\ue000';
const end = '\ue001';
const place = new RegExp(`${begin}(\\w+)${end}`, 'g');

/** The variable of this name, as a part of a text. */
export const variable = (name: string): string => `${begin}${name}${end}`;

/** The text with something in the place of each variable. */
export const filled = (text: string, value: (name: string) => string): string =>
  text.replace(place, (_, name: string) => value(name));

/** A text between its variables, piece by piece. */
export function pieces(text: string): ({ text: string } | { variable: string })[] {
  return text
    .split(place)
    .map((part, index) => (index % 2 === 0 ? { text: part } : { variable: part }))
    .filter((piece) => 'variable' in piece || piece.text !== '');
}

/** Names of the variables in a text, or anywhere in a value. */
export function variablesIn(value: unknown): string[] {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return [...new Set([...text.matchAll(place)].map((match) => match[1] as string))];
}
