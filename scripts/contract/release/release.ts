import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDated, storyText, withRelease } from './changelog';
import { essenceOf } from './essence';
import { compareReleases, readContractOf, readReleased, versionFault, versionOf, writeReleased } from './lastRelease';
import { firstStory, type Story, storyOf } from './story';

const noRelease =
  'Name one git ref to compare with, such as main or v1.0.0: nothing is released yet, so there is no generated/released/openapi.json.';

/** Prints what has changed since the last release. 1 when the version is too low for it. */
export function sinceRelease(folder: string, json: boolean): number {
  const released = readReleased(folder);
  if (!released) throw new Error(noRelease);
  const contract = readContractOf(folder);
  const { base, head, changes, level } = compareReleases(released, contract);
  const [before, version] = [versionOf(released), versionOf(contract)];
  const fault = versionFault(before, version, level);
  if (json) {
    const breaking = changes.filter((change) => change.breaking);
    const others = changes.filter((change) => !change.breaking);
    console.log(
      JSON.stringify({ base: before, file: 'openapi.yaml', version, level, fault: fault ?? null, breaking, others }, null, 2),
    );
  } else {
    console.log(storyText(storyOf({ base, head, changes })));
    console.log(`\ncontract: ${version} after ${before}. ${fault ?? 'The version fits what has changed.'}`);
  }
  return fault === undefined ? 0 : 1;
}

export interface Wishes {
  /** The day of the release; undefined to write only. */
  date: string | undefined;
  /** Release a version anew that nobody has got yet. */
  again: boolean;
}

/** Writes the API section of the present version; for a release also its date, and the contract that is released by it. */
export function writeRelease(folder: string, { date, again }: Wishes): number {
  const contract = readContractOf(folder);
  const version = versionOf(contract);
  const path = join(folder, 'CHANGELOG.md');
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '# Changelog\n';
  const story = storyFor(folder, again);
  if (story === undefined) {
    console.log(`${version} is released, and its contract has not changed: nothing to write.`);
    return 0;
  }
  if (typeof story === 'string') {
    console.error(story);
    return 1;
  }
  const after = withRelease(before, { version, date, story });
  if (after !== before) writeFileSync(path, after);
  if (date !== undefined) writeReleased(folder, contract);
  const what = date === undefined ? 'the API section of' : 'the release';
  console.log(`CHANGELOG.md: ${after === before ? 'has' : 'got'} ${what} ${version}.`);
  return 0;
}

/** What to tell of the present version; a text that says why it cannot be released; undefined when it is already. */
function storyFor(folder: string, again: boolean): Story | string | undefined {
  const contract = readContractOf(folder);
  const version = versionOf(contract);
  const released = readReleased(folder);
  if (!released) return firstStory(essenceOf(contract));
  const comparison = compareReleases(released, contract);
  const isSame = versionOf(released) === version;
  if (isSame && comparison.level === 'none' && !again) return undefined;
  if (isSame && again) return againStory(folder, contract);
  return versionFault(versionOf(released), version, comparison.level) ?? storyOf(comparison);
}

/** Only the first release can be told anew: of a later one, what it followed is kept no more. */
function againStory(folder: string, contract: ReturnType<typeof readContractOf>): Story | string {
  const path = join(folder, 'CHANGELOG.md');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const version = versionOf(contract);
  const others = [...text.matchAll(/^## (\S+) /gm)].filter(([, one]) => one !== version && isDated(text, one as string));
  if (others.length === 0) return firstStory(essenceOf(contract));
  return `Only a first release can be written again. Take generated/released/openapi.json of the release before from git, and write ${version} once more.`;
}
