/**
 * Where the next page is, by `Link: <…>; rel="next"` (RFC 8288): relative to the page, or absolute.
 * `elsewhere`: on another origin, where nothing is asked for.
 */
export function nextPage(header: string | string[] | undefined, page: URL): URL | 'elsewhere' | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '');
  const target = targetOf(text);
  if (target === undefined) return undefined;
  if (!URL.canParse(target, page.href)) return 'elsewhere';
  const next = new URL(target, page.href);
  next.hash = '';
  // A registry behind a proxy that ends TLS often names itself with http: the page is asked for where the last one was.
  if (page.protocol === 'https:' && next.protocol === 'http:' && next.host === page.host) next.protocol = 'https:';
  return next.origin === page.origin && next.username === '' && next.password === '' ? next : 'elsewhere';
}

const reference = /[\s,]*<([^<>]*)>/y;
const parameter = /[ \t]*;[ \t]*([\w!#$&+.^`|~-]+\*?)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

function targetOf(text: string): string | undefined {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (let link = take(reference); link; link = take(reference)) {
    let isNext = false;
    for (let found = take(parameter); found; found = take(parameter)) {
      const [, name = '', quoted, plain = ''] = found;
      if (name.toLowerCase() === 'rel') isNext ||= /(?:^|\s)next(?:\s|$)/i.test(quoted ?? plain);
    }
    if (isNext) return link[1];
  }
  return undefined;
}
