/** Versions of the contract: three numbers, which tell clients what they may rely on. */

export type Version = readonly [major: number, minor: number, patch: number];

/** What happened to the contract: nothing that a request or an answer shows, something more, or something less. */
export type Level = 'none' | 'compatible' | 'breaking';

/** The three numbers; undefined for anything else, also for `1.0.0-rc.1`. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

export const compareVersions = (a: Version, b: Version): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2];

export const textOf = (version: Version): string => version.join('.');

/** The lowest version that may follow: below 1.0.0 everything is one place further to the right, as `^0.1.0` understands it. */
export function nextVersion([major, minor, patch]: Version, level: Level): Version {
  if (level === 'none') return [major, minor, patch];
  if (major === 0) return level === 'breaking' ? [0, minor + 1, 0] : [0, minor, patch + 1];
  return level === 'breaking' ? [major + 1, 0, 0] : [major, minor + 1, 0];
}
