import type { Story } from './story';

/** CHANGELOG.md: a section for each version, and in it one on the API, which is written from the contracts. */

const mark = '<!-- Written by `npm run contract:diff -- --write`. -->';

const titles: [part: keyof Story, title: string][] = [
  ['breaking', 'Breaking'],
  ['removed', 'Removed (breaking)'],
  ['added', 'Added'],
  ['changed', 'Changed'],
  ['deprecated', 'Deprecated'],
];

/** The text of an API section, without its heading. */
export function storyText(story: Story): string {
  const parts = titles
    .filter(([part]) => story[part].length > 0)
    .map(([part, title]) => `**${title}**\n\n${story[part].map((line) => `- ${line}`).join('\n')}`);
  return parts.length === 0 ? 'No change: requests and answers are as before.' : parts.join('\n\n');
}

export interface Release {
  version: string;
  /** `2026-11-21`; undefined before the release. */
  date: string | undefined;
  story: Story;
}

/**
 * The changelog with the API section of a version made new, and its heading dated. What people have written stays; a version
 * that has no section gets one above the others.
 */
export function withRelease(text: string, { version, date, story }: Release): string {
  const api = `### API\n\n${mark}\n\n${storyText(story)}\n`;
  const sections = text.split(/^(?=## )/m);
  const isOf = (section: string) => new RegExp(`^## ${version.replaceAll('.', '\\.')}(\\s|$)`).test(section);
  const at = sections.findIndex(isOf);
  if (at < 0) {
    const first = sections.findIndex((section) => section.startsWith('## '));
    const place = first < 0 ? sections.length : first;
    const made = `${heading(version, date)}\n\n${api}`;
    if (place > 0) sections[place - 1] = `${(sections[place - 1] as string).trimEnd()}\n\n`;
    sections.splice(place, 0, place < sections.length ? `${made}\n` : made);
    return sections.join('');
  }
  sections[at] = withApi(withDate(sections[at] as string, version, date), api, at === sections.length - 1);
  return sections.join('');
}

/** Whether a version has a section with a date: it is released. */
export const isDated = (text: string, version: string): boolean =>
  new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(\\d{4}-\\d{2}-\\d{2}\\)$`, 'm').test(text);

const heading = (version: string, date: string | undefined): string => `## ${version} (${date ?? 'unreleased'})`;

const withDate = (section: string, version: string, date: string | undefined): string =>
  date === undefined ? section : section.replace(/^## .*$/m, heading(version, date));

function withApi(section: string, api: string, isLast: boolean): string {
  const parts = section.split(/^(?=### )/m);
  const at = parts.findIndex((part) => /^### API\s*$/m.test(part.split('\n')[0] as string));
  const isEnd = (index: number) => index === parts.length - 1;
  if (at >= 0) parts[at] = isEnd(at) && isLast ? api : `${api}\n`;
  else {
    parts[parts.length - 1] = `${(parts[parts.length - 1] as string).trimEnd()}\n\n`;
    parts.push(isLast ? api : `${api}\n`);
  }
  return parts.join('');
}
