import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { bool, cleanEnv, makeValidator, str } from 'envalid';
import type { RateLimitOptions } from '../http/rateLimits';

/** Everything that can be set from outside, checked, with units in the names. */
export interface Config {
  host: string;
  /** 0 = any free port. */
  port: number;
  metricsHost: string;
  /** null = no listener for metrics. */
  metricsPort: number | null;
  /** Whether METRICS_PORT was given; only then a taken port is an error. */
  metricsPortGiven: boolean;
  /** null = the embedded Postgres in `dataDir`. */
  databaseUrl: string | null;
  databasePoolSize: number;
  dataDir: string;
  /** Text of PORTOLAN_MASTER_KEYS, or of MASTER_KEY as key k1; null = not given. */
  masterKeys: string | null;
  adminEmail: string;
  adminPassword: string | null;
  loginTtlSeconds: number;
  /** Access tokens of the token service. */
  cfTokenTtlSeconds: number;
  corsOrigin: string[] | undefined;
  trustedProxies: string[];
  rateLimits: RateLimitOptions;
  maxConnections: number;
  /** Event streams that one principal may have open at one process. */
  eventStreamsPerPrincipal: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  shutdownGraceMs: number;
  publicUrl: string | null;
  /** The one organization that clients of /v3 see. */
  organizationName: string;
  /** The version of Cloud Foundry that /v3 says it is compatible with; clients choose by it what they ask for. */
  cfApiVersion: string;
  typesDir: string | null;
  /** Whose clients requests and answers are made to fit; null: as the contract has them. */
  compatibility: 'bridgeport' | null;
  logLevel: string;
  /** Whether `serve` runs jobs too; `work` always does. */
  worker: boolean;
  /** Jobs at a time in one process. */
  workerConcurrency: number;
  registry: RegistryLimits;
  /** Digests that nothing uses are kept this long after they were seen last. */
  imageDigestRetentionDays: number;
  /** Younger digests wait before they are deployed automatically. */
  autoUpdateMinAgeMinutes: number;
  /** Whether /v3 may use repositories that an environment has no container image of. */
  allowUnknownRepositories: boolean;
  /** Staged and failed droplets that an app keeps; older ones expire. */
  keepStagedDroplets: number;
}

/** How Portolan behaves towards registries. */
export interface RegistryLimits {
  /** For a whole request. */
  timeoutMs: number;
  /** Requests at a time to one host, over all replicas. */
  maxConcurrencyPerHost: number;
  /** Tags of one image that are looked up. */
  maxTags: number;
  /** PEM file with further certificate authorities; null = those of Node.js only. */
  caFile: string | null;
  /** Whether registryUrl may begin with http://. */
  allowHttp: boolean;
  /** Hosts of token servers that get credentials although they belong to another site than their registry. */
  realmHosts: string[];
  dockerHubApiUrl: string;
  dockerHubRegistryUrl: string;
  digitalOceanApiUrl: string;
  digitalOceanRegistryUrl: string;
}

/** A setting is wrong or missing; the message says which and how to mend it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const knownPortolanNames = ['PORTOLAN_COMPAT', 'PORTOLAN_DATA', 'PORTOLAN_MASTER_KEYS', 'PORTOLAN_ORG_NAME'];
/** Settings of the command line's client, which a person may have in the shell that starts the service; they mean nothing here. */
const clientNames = ['PORTOLAN_URL', 'PORTOLAN_TOKEN'];

const between = (least: number, most: number) =>
  makeValidator<number>((text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new Error(`must be a whole number from ${least} to ${most}`);
    return value;
  });
const port = between(0, 65_535);
const positive = between(1, 1_000_000_000);
const duration = makeValidator<number>((text) => {
  const match = /^(\d+)(s|m|h|d)?$/.exec(text);
  const factor = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? 's'];
  if (!match || !factor || Number(match[1]) === 0) throw new Error('must be a duration such as 24h, 30m or 3600 (seconds)');
  return Number(match[1]) * factor;
});
const portOrOff = makeValidator<number | 'off'>((text) => {
  if (text === 'off') return 'off';
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error('must be a port, or off');
  return Number(text);
});
const url = makeValidator<string>((text) => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol)) throw new Error('must be an http or https URL');
  return text.replace(/\/$/, '');
});
const list = makeValidator<string[]>((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
const databaseUrl = makeValidator<string>((text) => {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !['postgres:', 'postgresql:'].includes(parsed.protocol)) {
    throw new Error('must be a URL such as postgres://user:password@host:5432/database');
  }
  return text;
});
const organizationName = makeValidator<string>((text) => {
  const hasControls = [...text].some((character) => character < ' ' || character === '\u007f');
  if (text.trim() !== text || text === '' || text.length > 255 || hasControls) {
    throw new Error('must be a name of at most 255 characters, without blanks at its ends and without control characters');
  }
  return text;
});
const compatibility = makeValidator<'bridgeport' | ''>((text) => {
  if (text !== 'bridgeport') throw new Error('must be bridgeport, or be left out');
  return text;
});
const semanticVersion = makeValidator<string>((text) => {
  if (!/^\d{1,9}\.\d{1,9}\.\d{1,9}$/.test(text)) throw new Error('must be a version such as 3.211.0');
  return text;
});
const email = makeValidator<string>((text) => {
  if (!/^[^\s@]+@[^\s@]+$/.test(text) || text.length > 320) throw new Error('must be an e-mail address');
  return text;
});
/** Addresses and networks; a network without its bits would trust everybody. */
const networks = makeValidator<string[]>((text) => {
  const entries = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const most = { 4: 32, 6: 128 }[isIP(address)];
    if (most === undefined || more.length > 0 || (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most))) {
      throw new Error(`must list addresses and networks such as 10.0.0.0/8; "${entry}" is neither`);
    }
  }
  return entries;
});
const logLevel = str({
  choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const,
  default: 'info' as const,
});

const specs = {
  HOST: str({ default: '127.0.0.1' }),
  PORT: port({ default: 3000 }),
  METRICS_HOST: str({ default: '127.0.0.1' }),
  METRICS_PORT: portOrOff({ default: 9464 }),
  DATABASE_URL: databaseUrl({ default: '' }),
  DATABASE_POOL_SIZE: between(2, 200)({ default: 10 }),
  PORTOLAN_COMPAT: compatibility({ default: '' }),
  PORTOLAN_DATA: str({ default: '.portolan' }),
  PORTOLAN_MASTER_KEYS: str({ default: '' }),
  MASTER_KEY: str({ default: '' }),
  ADMIN_EMAIL: email({ default: 'admin@portolan.local' }),
  ADMIN_PASSWORD: str({ default: '' }),
  LOGIN_TTL: duration({ default: 86_400 }),
  CF_TOKEN_TTL: duration({ default: 600 }),
  CORS_ORIGIN: list({ default: [] }),
  TRUSTED_PROXIES: networks({ default: [] }),
  RATE_LIMIT_PRINCIPAL: positive({ default: 1200 }),
  RATE_LIMIT_ADDRESS: positive({ default: 120 }),
  RATE_LIMIT_LOGIN_ADDRESS: positive({ default: 10 }),
  RATE_LIMIT_LOGIN_ACCOUNT: positive({ default: 10 }),
  MAX_CONNECTIONS: positive({ default: 10_000 }),
  EVENT_STREAMS_PER_PRINCIPAL: positive({ default: 20 }),
  HEADERS_TIMEOUT_MS: positive({ default: 10_000 }),
  REQUEST_TIMEOUT_MS: positive({ default: 30_000 }),
  SHUTDOWN_GRACE_MS: between(0, 10_000)({ default: 8_000 }),
  PUBLIC_URL: url({ default: '' }),
  PORTOLAN_ORG_NAME: organizationName({ default: 'portolan' }),
  CF_API_VERSION: semanticVersion({ default: '3.211.0' }),
  TYPES_DIR: str({ default: '' }),
  LOG_LEVEL: logLevel,
  WORKER: bool({ default: true }),
  WORKER_CONCURRENCY: between(1, 64)({ default: 8 }),
  REGISTRY_TIMEOUT_MS: between(1000, 120_000)({ default: 15_000 }),
  REGISTRY_MAX_CONCURRENCY_PER_HOST: between(1, 32)({ default: 4 }),
  REGISTRY_MAX_TAGS: between(10, 5000)({ default: 500 }),
  REGISTRY_CA_FILE: str({ default: '' }),
  REGISTRY_ALLOW_HTTP: bool({ default: true }),
  REGISTRY_REALM_HOSTS: list({ default: [] }),
  DOCKERHUB_API_URL: url({ default: 'https://hub.docker.com' }),
  DOCKERHUB_REGISTRY_URL: url({ default: 'https://registry-1.docker.io' }),
  DIGITALOCEAN_API_URL: url({ default: 'https://api.digitalocean.com' }),
  DIGITALOCEAN_REGISTRY_URL: url({ default: 'https://registry.digitalocean.com' }),
  IMAGE_DIGEST_RETENTION_DAYS: between(1, 3650)({ default: 90 }),
  AUTO_UPDATE_MIN_AGE_MINUTES: between(0, 43_200)({ default: 0 }),
  ALLOW_UNKNOWN_REPOSITORIES: bool({ default: true }),
  KEEP_STAGED_DROPLETS: between(1, 1000)({ default: 42 }),
};

/**
 * Environment variables as a Config. Throws a ConfigError that names every wrong variable, and any `PORTOLAN_…` that
 * does not exist: a misspelt key is worse than none.
 */
export function readConfig(variables: NodeJS.ProcessEnv): Config {
  const problems: string[] = [];
  for (const name of Object.keys(variables)) {
    if (name.startsWith('PORTOLAN_') && ![...knownPortolanNames, ...clientNames].includes(name)) {
      problems.push(`${name} is no setting of Portolan; those with this prefix are ${knownPortolanNames.join(', ')}.`);
    }
  }
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const values = cleanEnv(given, specs, {
    reporter: ({ errors }) => {
      for (const [name, error] of Object.entries(errors)) problems.push(`${name} ${(error as Error).message}.`);
    },
  });
  if (values.ADMIN_PASSWORD && (values.ADMIN_PASSWORD.length < 8 || values.ADMIN_PASSWORD.length > 128)) {
    problems.push('ADMIN_PASSWORD must have 8 to 128 characters.');
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return {
    host: values.HOST,
    port: values.PORT,
    metricsHost: values.METRICS_HOST,
    metricsPort: values.METRICS_PORT === 'off' ? null : values.METRICS_PORT,
    metricsPortGiven: given.METRICS_PORT !== undefined,
    databaseUrl: values.DATABASE_URL || null,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    dataDir: resolve(values.PORTOLAN_DATA),
    masterKeys: values.PORTOLAN_MASTER_KEYS || (values.MASTER_KEY ? `k1:${values.MASTER_KEY}` : null),
    adminEmail: values.ADMIN_EMAIL,
    adminPassword: values.ADMIN_PASSWORD || null,
    loginTtlSeconds: values.LOGIN_TTL,
    cfTokenTtlSeconds: values.CF_TOKEN_TTL,
    corsOrigin: values.CORS_ORIGIN.length > 0 ? values.CORS_ORIGIN : undefined,
    trustedProxies: values.TRUSTED_PROXIES,
    rateLimits: {
      perPrincipal: values.RATE_LIMIT_PRINCIPAL,
      perAddress: values.RATE_LIMIT_ADDRESS,
      loginsPerAddress: values.RATE_LIMIT_LOGIN_ADDRESS,
      loginsPerAccount: values.RATE_LIMIT_LOGIN_ACCOUNT,
    },
    maxConnections: values.MAX_CONNECTIONS,
    eventStreamsPerPrincipal: values.EVENT_STREAMS_PER_PRINCIPAL,
    headersTimeoutMs: values.HEADERS_TIMEOUT_MS,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    publicUrl: values.PUBLIC_URL || null,
    organizationName: values.PORTOLAN_ORG_NAME,
    cfApiVersion: values.CF_API_VERSION,
    typesDir: values.TYPES_DIR || null,
    compatibility: values.PORTOLAN_COMPAT || null,
    logLevel: values.LOG_LEVEL,
    worker: values.WORKER,
    workerConcurrency: values.WORKER_CONCURRENCY,
    registry: {
      timeoutMs: values.REGISTRY_TIMEOUT_MS,
      maxConcurrencyPerHost: values.REGISTRY_MAX_CONCURRENCY_PER_HOST,
      maxTags: values.REGISTRY_MAX_TAGS,
      caFile: values.REGISTRY_CA_FILE || null,
      allowHttp: values.REGISTRY_ALLOW_HTTP,
      realmHosts: values.REGISTRY_REALM_HOSTS.map((host) => host.toLowerCase()),
      dockerHubApiUrl: values.DOCKERHUB_API_URL,
      dockerHubRegistryUrl: values.DOCKERHUB_REGISTRY_URL,
      digitalOceanApiUrl: values.DIGITALOCEAN_API_URL,
      digitalOceanRegistryUrl: values.DIGITALOCEAN_REGISTRY_URL,
    },
    imageDigestRetentionDays: values.IMAGE_DIGEST_RETENTION_DAYS,
    autoUpdateMinAgeMinutes: values.AUTO_UPDATE_MIN_AGE_MINUTES,
    allowUnknownRepositories: values.ALLOW_UNKNOWN_REPOSITORIES,
    keepStagedDroplets: values.KEEP_STAGED_DROPLETS,
  };
}
