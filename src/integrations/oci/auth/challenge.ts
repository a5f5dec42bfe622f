/** One way to authenticate that a server offers. */
export interface OfferedChallenge {
  /** In lower case. */
  scheme: string;
  /** Names in lower case. */
  parameters: Map<string, string>;
}

/** How a host wants its clients to authenticate. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: URL; service: string | null; scope: string | null };

/** Separators, a token, its `=`, a quoted or plain value: each takes linear time. */
const blank = /[ \t,]*/y;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const equals = /[ \t]*=[ \t]*/y;
const quotedString = /"((?:[^"\\]|\\.)*)"/sy;
const plainValue = /[^\s,"]+/y;
/** `Negotiate YIIB…==`: credentials without a name, up to the next comma. */
const token68 = /[ \t]+[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y;

/** Reads `WWW-Authenticate` (RFC 9110): several challenges in a header, several headers. What is broken ends the reading. */
export function parseChallenges(header: string | string[] | undefined): OfferedChallenge[] {
  return (Array.isArray(header) ? header : [header ?? '']).flatMap(parseHeader);
}

function parseHeader(text: string): OfferedChallenge[] {
  const found: OfferedChallenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match[1] ?? match[0];
  };
  for (;;) {
    take(blank);
    const name = take(token);
    if (name === undefined) return found;
    if (take(equals) !== undefined) {
      const value = take(quotedString)?.replace(/\\(.)/gs, '$1') ?? take(plainValue);
      const current = found.at(-1);
      if (value === undefined || !current) return found;
      // The first one counts: what an attacker could add comes after.
      if (!current.parameters.has(name.toLowerCase())) current.parameters.set(name.toLowerCase(), value);
      continue;
    }
    found.push({ scheme: name.toLowerCase(), parameters: new Map() });
    take(token68);
  }
}

/** The challenge that can be answered: Bearer with a realm before Basic; undefined when there is neither. */
export function chooseChallenge(offered: readonly OfferedChallenge[]): Challenge | undefined {
  for (const { scheme, parameters } of offered) {
    const realm = parameters.get('realm') ?? '';
    if (scheme !== 'bearer' || !/^https?:\/\//i.test(realm) || !URL.canParse(realm)) continue;
    return {
      scheme: 'bearer',
      realm: new URL(realm),
      service: parameters.get('service') ?? null,
      scope: parameters.get('scope') ?? null,
    };
  }
  return offered.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined;
}
