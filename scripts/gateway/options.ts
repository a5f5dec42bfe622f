import { isIP } from 'node:net';
import { systemSettingRules } from '../../src/domain/settings/systemSettings';

export const gateways = ['kong', 'envoy', 'nginx', 'aws'] as const;
export type Gateway = (typeof gateways)[number];

export interface Upstream {
  isTls: boolean;
  host: string;
  port: number;
}

export interface GatewayOptions {
  /** All speak for one service; several are replicas. */
  upstreams: Upstream[];
  listenHost: string;
  listenPort: number;
  serverName: string | null;
  /** null: pages of other origins are left to Portolan. */
  corsOrigins: string[] | null;
  tls: { certificate: string; key: string } | null;
  maxUploadBytes: number;
  /** Requests a minute; null: not counted by the gateway. */
  addressLimit: number | null;
  principalLimit: number | null;
  /** Proxies in front of the gateway, whose word on the client's address counts. */
  trustedProxies: string[];
  /** Without what a whole nginx.conf has around its servers. */
  isSite: boolean;
}

/** AWS has limits of its own, and no way to choose between origins. */
const own = ['kong', 'envoy', 'nginx'] as const;

/** The options by name: which gateways take them, and what `--help` says. */
const known: Record<string, { of: readonly Gateway[]; value: string; help: string }> = {
  upstream: {
    of: gateways,
    value: 'URL',
    help: 'Portolan; repeat it, or separate by commas, for replicas (http://127.0.0.1:3000)',
  },
  listen: {
    of: ['envoy', 'nginx'],
    value: 'HOST:PORT',
    help: 'where the gateway listens (127.0.0.1:8080, with TLS 0.0.0.0:443)',
  },
  'server-name': { of: ['kong', 'envoy', 'nginx'], value: 'NAME', help: 'host name that clients use (any)' },
  'cors-origin': { of: own, value: 'ORIGIN', help: 'origins that browsers may call from, by commas, or * (off)' },
  'tls-certificate': { of: ['envoy', 'nginx'], value: 'FILE', help: 'certificate chain in PEM; with --tls-key (no TLS)' },
  'tls-key': { of: ['envoy', 'nginx'], value: 'FILE', help: 'its key in PEM' },
  'max-upload-mb': { of: own, value: 'N', help: 'the setting maxUploadSizeMb of Portolan (50)' },
  'rate-limit-address': { of: own, value: 'N', help: 'RATE_LIMIT_ADDRESS of Portolan, or off' },
  'rate-limit-principal': { of: own, value: 'N', help: 'RATE_LIMIT_PRINCIPAL of Portolan, or off' },
  'trusted-proxies': { of: ['nginx'], value: 'CIDR', help: 'proxies in front of the gateway, by commas (none)' },
  site: { of: ['nginx'], value: '', help: 'only what belongs into http {}, for /etc/nginx/conf.d (a whole nginx.conf)' },
};

export type RawOptions = Record<string, string | string[] | boolean | undefined>;

export const optionNames = Object.keys(known);
export const isFlag = (name: string): boolean => known[name]?.value === '';

/** The options as `--help` lists them. */
export const optionHelp = (): string =>
  Object.entries(known)
    .map(([name, { of, value, help }]) => {
      const only = of.length === gateways.length ? '' : ` [${of.join(', ')}]`;
      return `  ${`--${name} ${value}`.padEnd(28)}${help}${only}`;
    })
    .join('\n');

/** Checks the options of one gateway; throws a message that names the option. */
export function readOptions(
  gateway: Gateway,
  raw: RawOptions,
  limits: Record<'address' | 'principal', { requests: number }>,
): GatewayOptions {
  for (const name of Object.keys(raw)) {
    const option = known[name];
    if (raw[name] !== undefined && option && !option.of.includes(gateway)) {
      throw new Error(`--${name} is not for ${gateway}; it is for ${option.of.join(', ')}.`);
    }
  }
  const text = (name: string) => raw[name] as string | undefined;
  const [certificate, key] = [text('tls-certificate'), text('tls-key')];
  if ((certificate === undefined) !== (key === undefined)) throw new Error('--tls-certificate and --tls-key belong together.');
  for (const file of [certificate, key]) if (file !== undefined) requirePlain('a TLS file', file, /^[^\s;{}'"$\\]+$/);
  const [host, port] = hostAndPort(text('listen') ?? (certificate ? '0.0.0.0:443' : '127.0.0.1:8080'));
  const serverName = text('server-name') ?? null;
  if (serverName !== null) requirePlain('--server-name', serverName, /^[A-Za-z0-9*]([A-Za-z0-9.-]*[A-Za-z0-9])?$/);
  const { maxUploadSizeMb } = systemSettingRules as unknown as Record<string, { least: number; most: number; fallback: number }>;
  const upload = maxUploadSizeMb as { least: number; most: number; fallback: number };
  return {
    upstreams: upstreamsOf(gateway, raw.upstream as string[] | undefined),
    listenHost: host,
    listenPort: port,
    serverName,
    corsOrigins: originsOf(text('cors-origin')),
    tls: certificate !== undefined && key !== undefined ? { certificate, key } : null,
    maxUploadBytes:
      wholeNumber('--max-upload-mb', text('max-upload-mb') ?? String(upload.fallback), upload.least, upload.most) * 1024 * 1024,
    addressLimit: limitOf('--rate-limit-address', text('rate-limit-address'), limits.address.requests),
    principalLimit: limitOf('--rate-limit-principal', text('rate-limit-principal'), limits.principal.requests),
    trustedProxies: networksOf(text('trusted-proxies')),
    isSite: raw.site === true,
  };
}

function requirePlain(what: string, value: string, allowed: RegExp): void {
  if (!allowed.test(value)) throw new Error(`${what} cannot be "${value}".`);
}

function wholeNumber(name: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}, not "${value}".`);
  }
  return number;
}

function limitOf(name: string, value: string | undefined, fallback: number): number | null {
  if (value === 'off') return null;
  return value === undefined ? fallback : wholeNumber(name, value, 1, 1_000_000_000);
}

const listed = (value: string | undefined) =>
  (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function hostAndPort(value: string): [host: string, port: number] {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[^:[\]]*):)?(\d{1,5})$/.exec(value);
  const [host, port] = [match?.[1]?.replace(/^\[|\]$/g, '') || '0.0.0.0', Number(match?.[2])];
  if (!match || isIP(host) === 0 || port < 1 || port > 65_535) {
    throw new Error(`--listen must be an address and a port such as 127.0.0.1:8080, not "${value}".`);
  }
  return [host, port];
}

function upstreamsOf(gateway: Gateway, values: string[] | undefined): Upstream[] {
  const urls = listed((values ?? []).join(','));
  if (urls.length === 0 && gateway === 'aws') {
    throw new Error('Name where AWS reaches Portolan: --upstream https://portolan.example.com');
  }
  const found = (urls.length > 0 ? urls : ['http://127.0.0.1:3000']).map(upstreamOf);
  if (new Set(found.map(({ isTls }) => isTls)).size > 1) throw new Error('--upstream must be all http, or all https.');
  if (gateway === 'aws' && found.length > 1)
    throw new Error('aws takes one --upstream; put a load balancer in front of replicas.');
  return found;
}

function upstreamOf(text: string): Upstream {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || !/^\/?$/.test(url.pathname + url.search + url.hash) || url.username || url.password) {
    throw new Error(`--upstream must be like http://10.0.0.5:3000, without a path, not "${text}".`);
  }
  const isTls = url.protocol === 'https:';
  return { isTls, host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (isTls ? 443 : 80) };
}

function originsOf(value: string | undefined): string[] | null {
  if (value === undefined) return null;
  const origins = listed(value);
  for (const origin of origins) {
    if (origin === '*') continue;
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url?.origin !== origin)
      throw new Error(`--cors-origin must list origins such as https://app.example.com, not "${origin}".`);
  }
  if (origins.length === 0) throw new Error('--cors-origin is empty; leave it out, or name an origin.');
  return origins.includes('*') ? ['*'] : origins;
}

function networksOf(value: string | undefined): string[] {
  const networks = listed(value);
  for (const network of networks) {
    const [address = '', bits, ...more] = network.split('/');
    const most = { 4: 32, 6: 128 }[isIP(address)];
    if (most === undefined || more.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      throw new Error(`--trusted-proxies must list addresses and networks such as 10.0.0.0/8, not "${network}".`);
    }
  }
  return networks;
}

/** An address as it stands in a URL. */
export const hostInUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);
