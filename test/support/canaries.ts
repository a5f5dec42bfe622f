import { randomBytes } from 'node:crypto';

/** Values that must not be found where they do not belong. */

export interface Canary {
  name: string;
  value: string;
  /** Texts to look for: the value, or a part of it that is nowhere else, in the forms in which it could hide. */
  forms: string[];
  /** Whether the answer of an operation may show it. */
  shownBy(operationId: string): boolean;
}

const nowhere = () => false;

/** Base64 of bytes that stand anywhere in longer ones: what does not depend on their neighbours, for each of three places. */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const core = text.slice(Math.ceil((before * 4) / 3), -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** A secret to look for. Of a long one, such as a key file, a part is enough. */
export function canaryOf(name: string, value: string, shownBy: Canary['shownBy'] = nowhere): Canary {
  const part = value.length > 200 ? (value.split('\n')[2] ?? value) : value;
  const bytes = Buffer.from(part);
  const forms = [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part), bytes.toString('hex'), ...base64Cores(bytes)];
  return { name, value, forms: [...new Set(forms)], shownBy };
}

/** A value that nobody else has; it sounds like none of the words of the program. */
export const newCanary = (): string => `Cnry+${randomBytes(9).toString('hex')}/x`;

/** Which canaries a text holds, in any form. */
export const found = (canaries: readonly Canary[], text: string): Canary[] =>
  canaries.filter(({ forms }) => forms.some((form) => text.includes(form)));

/** A place, and what was found there, for people. */
export const tellFound = (place: string, canaries: readonly Canary[]): string[] =>
  canaries.map(({ name }) => `${place}: ${name}`);
