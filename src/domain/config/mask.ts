import { hidden } from './values';

/** Shorter secrets would hide words that are none. */
export const shortestMasked = 6;
const headChars = 6;
/** Many secrets begin alike, as addresses do: a second look at more characters tells them apart. */
const longHeadChars = 16;

/** The needles of a mask by how they begin. */
interface Heads {
  /** Every beginning, with the needles that are too short for a longer look. */
  short: Map<string, string[]>;
  long: Map<string, string[]>;
  /** By the first two characters of a needle: 1 where one begins so. */
  pairs: Uint8Array;
}

/**
 * Hides known secret values of six or more characters, also in base64 - wherever in the encoded bytes they begin - and
 * URL-encoded. Where secrets overlap, all of what they cover is hidden.
 *
 * A text is searched for the beginnings of all secrets at once, which mostly ends it. Only those that begin somewhere are
 * searched for in full, by an automaton: the time is linear in the text, whatever stands in it and in the secrets.
 */
export function masker(secrets: Iterable<string>): (text: string) => string {
  const heads: Heads = { short: new Map(), long: new Map(), pairs: new Uint8Array(1 << 12) };
  for (const secret of secrets) {
    if (secret.length < shortestMasked) continue;
    for (const form of formsOf(secret)) addNeedle(heads, form);
  }
  if (heads.short.size === 0) return (text) => text;
  return (text) => {
    const needles = beginning(text, heads);
    return needles.length === 0 ? text : hideAll(text, needles);
  };
}

const pairAt = (text: string, index: number): number => ((text.charCodeAt(index) << 5) ^ text.charCodeAt(index + 1)) & 0xfff;

function addNeedle({ short, long, pairs }: Heads, needle: string): void {
  pairs[pairAt(needle, 0)] = 1;
  const head = needle.slice(0, headChars);
  const ofHead = short.get(head) ?? [];
  if (!short.has(head)) short.set(head, ofHead);
  if (needle.length < longHeadChars) {
    ofHead.push(needle);
    return;
  }
  const longHead = needle.slice(0, longHeadChars);
  const ofLongHead = long.get(longHead);
  if (ofLongHead) ofLongHead.push(needle);
  else long.set(longHead, [needle]);
}

/** The needles whose heads stand somewhere in a text. */
function beginning(text: string, { short, long, pairs }: Heads): string[] {
  const found = new Set<string[]>();
  for (let index = 0; index + headChars <= text.length; index += 1) {
    if (pairs[pairAt(text, index)] === 0) continue;
    const ofHead = short.get(text.slice(index, index + headChars));
    if (ofHead === undefined) continue;
    found.add(ofHead);
    const ofLongHead = long.get(text.slice(index, index + longHeadChars));
    if (ofLongHead !== undefined) found.add(ofLongHead);
  }
  return [...found].flat();
}

/** A secret as it may stand in a text; a form may come twice. Most secrets are the same URL-encoded, which saves time. */
function formsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  const forms = unreserved.test(secret) ? [secret] : [secret, ...urlForms(wellFormed)];
  const bytes = Buffer.from(`${prefix}${wellFormed}`);
  for (let before = 0; before <= prefix.length; before += 1) {
    const encoded = base64Behind(bytes, before);
    forms.push(encoded);
    if (/[+/]/.test(encoded)) forms.push(encoded.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

const unreserved = /^[A-Za-z0-9_.-]*$/;

function urlForms(text: string): string[] {
  const encoded = encodeURIComponent(text);
  const forms = [encoded];
  // What some encoders encode and others do not.
  if (/[!'()*~]/.test(encoded)) {
    forms.push(encoded.replace(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`));
  }
  if (encoded.includes('%20')) forms.push(...forms.map((form) => form.replaceAll('%20', '+')));
  const lower = forms.map((form) => form.replace(escapeWithLetter, (byte) => byte.toLowerCase()));
  return [...forms, ...lower.filter((form, index) => form !== forms[index])];
}

const escapeWithLetter = /%(?:[A-F][0-9A-F]|[0-9][A-F])/g;

/** Up to two bytes that stand before a text: they decide where in the groups of base64 it begins. */
const prefix = '\0\0';

/** The characters that a text is in base64 behind some bytes of the prefix, without those that others have a part in. */
function base64Behind(prefixed: Buffer, before: number): string {
  const from = prefix.length - before;
  const length = prefixed.length - from;
  return prefixed.toString('base64', from).slice(Math.ceil((before * 8) / 6), Math.floor((length * 8) / 6));
}

/** Ways from state to state by character, as one number each. */
const way = (state: number, code: number): number => state * 0x10000 + code;

/** Needles as a tree of characters, where each state knows the longest of its ends that is a state as well (Aho and Corasick). */
class Automaton {
  private readonly next = new Map<number, number>();
  private readonly fallback = [0];
  /** Length of the longest needle that ends in a state, or 0. */
  private readonly ends = [0];

  constructor(needles: readonly string[]) {
    const parents: number[] = [0];
    const codes: number[] = [0];
    const depths: number[] = [0];
    for (const needle of needles) {
      let state = 0;
      for (let index = 0; index < needle.length; index += 1) {
        const code = needle.charCodeAt(index);
        let target = this.next.get(way(state, code));
        if (target === undefined) {
          target = parents.push(state) - 1;
          codes.push(code);
          depths.push(index + 1);
          this.ends.push(0);
          this.next.set(way(state, code), target);
        }
        state = target;
      }
      this.ends[state] = needle.length;
    }
    // Shorter ones first: a state's fallback is shorter than the state.
    const order = depths.map((_, state) => state).sort((a, b) => (depths[a] as number) - (depths[b] as number));
    for (const state of order) this.connect(state, parents[state] as number, codes[state] as number);
  }

  private connect(state: number, parent: number, code: number): void {
    this.fallback[state] = parent === 0 ? 0 : this.step(this.fallback[parent] as number, code);
    this.ends[state] ||= this.ends[this.fallback[state] as number] as number;
  }

  step(from: number, code: number): number {
    let state = from;
    for (;;) {
      const target = this.next.get(way(state, code));
      if (target !== undefined) return target;
      if (state === 0) return 0;
      state = this.fallback[state] as number;
    }
  }

  endingIn(state: number): number {
    return this.ends[state] as number;
  }
}

function hideAll(text: string, needles: readonly string[]): string {
  const automaton = new Automaton(needles);
  const covered: { from: number; to: number }[] = [];
  let state = 0;
  for (let index = 0; index < text.length; index += 1) {
    state = automaton.step(state, text.charCodeAt(index));
    const length = automaton.endingIn(state);
    if (length === 0) continue;
    let from = index + 1 - length;
    for (let last = covered.at(-1); last && last.to > from; last = covered.at(-1)) {
      from = Math.min(from, last.from);
      covered.pop();
    }
    covered.push({ from, to: index + 1 });
  }
  let done = 0;
  const kept: string[] = [];
  for (const { from, to } of covered) {
    kept.push(text.slice(done, from), hidden);
    done = to;
  }
  return kept.join('') + text.slice(done);
}
