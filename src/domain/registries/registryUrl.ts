import type { Issue } from '../errors';

/** Where a registry answers, read from `registryUrl`. */
export interface RegistryUrl {
  /** https unless the text says otherwise. */
  scheme: 'https' | 'http';
  /** Host in lower case, with its port unless that is the usual one of the scheme. */
  host: string;
  /** Path of the endpoint without `/` and the protocol's own `/v1`, `/v2` at its end; mostly empty. */
  path: string;
  /** `scheme://host[/path]`: equal for texts that mean the same endpoint. */
  normalised: string;
}

const forms = 'Write a host (ghcr.io), a host with port (localhost:5000) or a URL (https://ghcr.io).';
const hostNameForm = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

/** Reads `registryUrl`: a host, host and port, or an http(s) URL. No name is looked up. */
export function parseRegistryUrl(text: string): { value: RegistryUrl } | { issue: Issue } {
  const [, givenScheme, rest = ''] = /^(?:([^/?#]*):\/\/)?(.*)$/su.exec(text) ?? [];
  const [authority = ''] = rest.split(/[/?#]/, 1);
  const fault = faultOfText(text, givenScheme, authority, rest);
  if (fault) return refused(...fault);

  const scheme = givenScheme?.toLowerCase() === 'http' ? 'http' : 'https';
  const written = `${scheme}://${rest}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const hostname = url?.hostname.replace(/\.$/, '') ?? '';
  if (!url || url.port === '0' || !(hostname.startsWith('[') || hostNameForm.test(hostname))) {
    return refused(`registryUrl holds no host that can be reached: "${authority}".`, forms);
  }
  if (isMetadataAddress(hostname)) {
    const hint = 'Write the address of a registry; addresses of private networks are allowed.';
    return refused(`registryUrl names ${hostname}, a link-local or metadata address.`, hint);
  }
  const host = url.port === '' ? hostname : `${hostname}:${url.port}`;
  const path = url.pathname
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '')
    .replace(/\/+$/, '');
  return { value: { scheme, host, path, normalised: `${scheme}://${host}${path}` } };
}

function refused(message: string, hint: string): { issue: Issue } {
  return { issue: { in: 'body', field: 'registryUrl', code: 'format', message, hint } };
}

/** What is wrong before the URL parser sees the text, which drops, decodes or repairs much of it silently. */
function faultOfText(
  text: string,
  scheme: string | undefined,
  authority: string,
  rest: string,
): [message: string, hint: string] | undefined {
  if (/[\s\\%\p{Cc}]/u.test(text)) return ['registryUrl has a blank, a control character, "\\" or "%".', forms];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) {
    return [`registryUrl has the scheme "${scheme}", but registries speak http or https.`, forms];
  }
  if (authority.includes('@')) {
    return ['registryUrl holds a user name.', 'Put credentials into username and password, or into token.'];
  }
  if (/[?#]/.test(rest)) return ['registryUrl has a query or a fragment.', forms];
  if (authority === '' || authority.endsWith(':')) return ['registryUrl holds no complete host.', forms];
  if (scheme === undefined && !/^[^/]*\/*(?:v[12]\/*)?$/.test(rest)) {
    return [
      'registryUrl without http:// or https:// is a host and has no path.',
      'Put the first path parts into repositoryPrefix.',
    ];
  }
  return undefined;
}

const metadataNames = ['metadata.google.internal', 'metadata.goog'];
// Alibaba's and Oracle's; those of the other clouds are link-local.
const metadataIpv4 = ['100.100.100.200', '192.0.0.192'];

/**
 * Whether a host or an address that was looked up leads to instance metadata or the local link. IPv4 in dotted form and
 * IPv6 with or without brackets and zone; the many other spellings of an IPv4 address are the URL parser's work.
 */
export function isMetadataAddress(host: string): boolean {
  const bare = host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/\.$/, '');
  if (!bare.includes(':')) return metadataNames.includes(bare) || isMetadataIpv4(bare);
  const groups = ipv6Groups(bare);
  if (!groups) return false;
  const inner = embeddedIpv4(groups);
  return (
    ((groups[0] ?? 0) & 0xffc0) === 0xfe80 ||
    groups.map((group) => group.toString(16)).join(':') === 'fd00:ec2:0:0:0:0:0:254' ||
    (inner !== undefined && isMetadataIpv4(inner))
  );
}

const isMetadataIpv4 = (address: string): boolean => metadataIpv4.includes(address) || /^169\.254(?:\.\d{1,3}){2}$/.test(address);

/** The eight groups of an IPv6 address; undefined if it is none. */
function ipv6Groups(address: string): number[] | undefined {
  const url = `http://[${address}]`;
  if (!URL.canParse(url)) return undefined;
  // The URL parser has already turned a dotted end into groups.
  const [head, tail] = new URL(url).hostname.slice(1, -1).split('::');
  const groupsOf = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const before = groupsOf(head);
  const after = groupsOf(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** The IPv4 address inside a mapped, compatible, translated (SIIT, NAT64) or 6to4 IPv6 address. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const dotted = ([high = 0, low = 0]: readonly number[]) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const front = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  if (['0:0:0:0:0:0', '0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '64:ff9b:0:0:0:0'].includes(front)) return dotted(groups.slice(6));
  return groups[0] === 0x2002 ? dotted(groups.slice(1, 3)) : undefined;
}
