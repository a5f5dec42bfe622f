import type { Express } from 'express';
import pino, { type Logger } from 'pino';
import { contractVersion } from '../generated/operations';
import { type Authenticator, createAuthenticator } from './auth/authenticator';
import { type RedeemTicket, ticketRedeemer } from './auth/eventTickets';
import { createLoginTokens, type LoginTokens } from './auth/loginTokens';
import type { Config } from './config/config';
import type { EnvironmentDefaults } from './domain/settings/environmentSettings';
import type { InstallationDefaults } from './domain/settings/systemSettings';
import { createApp, createMetricsApp } from './http/app';
import { trustedProxies } from './http/clientAddress';
import { bridgeport } from './http/compat/bridgeport';
import { plain } from './http/dialect';
import type { DispatchParts } from './http/dispatch';
import { createOpenStreams, type OpenStreams } from './http/openStreams';
import { outsideTimeoutMs } from './http/outside';
import { createRateLimits, type RateLimits } from './http/rateLimits';
import { createTelemetry, type Telemetry } from './http/telemetry';
import type { RegistryClient, RegistryClientOptions } from './integrations/oci/client';
import { lazyRegistryClient } from './integrations/oci/lazyClient';
import { type WalkParts, walkImage } from './jobs/images/walkImage';
import { handlers, type PublicNeeds } from './operations';
import { LiveLists } from './operations/registries/liveLists';
import { keyAnnouncement } from './store/announcedKeys';
import { type Database, openDatabase } from './store/database';
import { createEventFeed, type EventFeed } from './store/eventFeed';
import { createLiveSettings, type LiveSettings } from './store/liveSettings';
import { type Subscription, subscribe } from './store/notifications';
import { sharedBucket } from './store/rateLimits';
import { registryHostLedger } from './store/registryHosts';
import type { Keyring } from './store/sealing';

/** Everything that a process is made of, built once. */
export interface Context {
  config: Config;
  log: Logger;
  database: Database;
  keyring: Keyring;
  loginTokens: LoginTokens;
  authenticator: Authenticator;
  rateLimits: RateLimits;
  telemetry: Telemetry;
  /** The log of events; `announce` is for after a commit that recorded some. */
  events: EventFeed;
  liveSettings: LiveSettings;
  /** What the variables say of settings that environments have. */
  environmentDefaults: EnvironmentDefaults;
  streams: OpenStreams;
  redeemTicket: RedeemTicket;
  app: Express;
  metricsApp: Express;
  registryClient: RegistryClient;
  databaseUrl: string;
  /** What walks of images are made with. */
  walkParts: WalkParts;
  /** What operations get that talk to other systems. */
  outside: DispatchParts['outside'];
  /** Answers tell their clients to come over a new connection from now on. */
  drain(): void;
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
  /** Set once the server listens; links are made of it while no public URL is set. */
  listenUrl: string;
  close(): Promise<void>;
}

export interface ContextParts {
  config: Config;
  databaseUrl: string;
  keyring: Keyring;
  log?: Logger;
  now?(): Date;
  /** Beside the settings, for tests. */
  registryClient?: Partial<RegistryClientOptions>;
}

const logFlushMs = 200;

/**
 * Logs go to standard output as JSON lines, some at a time: a write for each request costs as much as its database
 * round trip. What is older than 200 ms is written; an orderly end writes the rest.
 */
export function createLog(level: string): Logger {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 16_000 });
  setInterval(() => destination.flush(), logFlushMs).unref();
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: loggedError } };
  return pino(options, destination);
}

/** What a log says of an error. Libraries hang connections and their settings on errors; none of that belongs in a log. */
function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const { code, detail, constraint } = error as { code?: unknown; detail?: unknown; constraint?: unknown };
  const cause = error.cause === undefined ? undefined : loggedError(error.cause);
  return { type: error.name, message: error.message, code, detail, constraint, stack: error.stack, cause };
}

/** Variables that are older than the settings of the same things: they are what these are while nobody sets them. */
const installationDefaults = (config: Config): InstallationDefaults => ({
  registryTimeoutMs: config.registry.timeoutMs,
  registryMaxConcurrencyPerHost: config.registry.maxConcurrencyPerHost,
  registryMaxTags: config.registry.maxTags,
  imageDigestRetentionDays: config.imageDigestRetentionDays,
  autoUpdateMinAgeMinutes: config.autoUpdateMinAgeMinutes,
  publicUrl: config.publicUrl,
});

/** As `installationDefaults`, for settings of environments. */
const environmentDefaultsOf = (config: Config): EnvironmentDefaults => ({
  operations: { keepStagedDroplets: config.keepStagedDroplets },
  configuration: { allowUnknownRepositories: config.allowUnknownRepositories },
});

/** Builds a process around a migrated database. Nothing is listened on yet. */
export function createContext(given: ContextParts): Context {
  const { config, databaseUrl, keyring, log = createLog(config.logLevel), now } = given;
  const database = openDatabase({
    connectionString: databaseUrl,
    poolSize: config.databasePoolSize,
    applicationName: 'portolan',
    // The error carries its whole connection; the log wants the reason.
    onError: (error) => log.warn({ reason: error.message }, 'an idle database connection was lost'),
  });
  const loginTokens = createLoginTokens(database, keyring, Math.max(config.loginTtlSeconds, config.cfTokenTtlSeconds));
  const authenticator = createAuthenticator(database.db, loginTokens, () => credentialChanges.listening);
  const credentialChanges: Subscription = subscribe(
    databaseUrl,
    'portolan_credentials',
    () => credentialsChanged(),
    keyAnnouncement(keyring),
  );
  const rateLimits = createRateLimits(config.rateLimits, (name, points, seconds) =>
    sharedBucket(database.pool, name, points, seconds),
  );
  const telemetry = createTelemetry(log, () => registryClient.requestCount);
  const streams = createOpenStreams({ look: authenticator.look, mostPerPrincipal: config.eventStreamsPerPrincipal });
  const credentialsChanged = () => {
    authenticator.forget();
    streams.recheck();
  };
  const redeemTicket = ticketRedeemer(database, authenticator);
  const events = createEventFeed({ db: database.db, connectionString: databaseUrl });
  const liveSettings = createLiveSettings({
    db: database.db,
    connectionString: databaseUrl,
    installation: installationDefaults(config),
  });
  const environmentDefaults = environmentDefaultsOf(config);
  const registryClient = lazyRegistryClient(async () => {
    const { createRegistryClient } = require('./integrations/oci/client') as typeof import('./integrations/oci/client');
    return createRegistryClient({
      ...config.registry,
      get timeoutMs() {
        return liveSettings.current().registryTimeoutMs;
      },
      get maxConcurrencyPerHost() {
        return liveSettings.current().registryMaxConcurrencyPerHost;
      },
      version: contractVersion,
      ledger: registryHostLedger(database),
      ...given.registryClient,
    });
  });
  let draining = false;
  const clock = now ?? (() => new Date());
  const publicUrl = () => liveSettings.current().publicUrl?.replace(/\/+$/, '') ?? context.listenUrl;
  const publicNeeds: PublicNeeds = {
    database,
    loginTtlSeconds: config.loginTtlSeconds,
    cfTokenTtlSeconds: config.cfTokenTtlSeconds,
    signLogin: loginTokens.sign,
    signAccess: loginTokens.signAccess,
    publicKeys: loginTokens.publicKeys,
    credentialsChanged,
    countLogin: rateLimits.login,
    publicUrl,
    cfApiVersion: config.cfApiVersion,
    requestsPerMinute: config.rateLimits.perPrincipal,
    exposition: telemetry.exposition,
  };
  const walkParts: WalkParts = {
    database,
    keyring,
    registryClient,
    settings: liveSettings.current,
    now: clock,
    announce: events.announce,
  };
  const outside: DispatchParts['outside'] = {
    timeoutMs: outsideTimeoutMs,
    needs: {
      registryClient,
      liveLists: new LiveLists(),
      walkImage: (imageId, options) => walkImage(walkParts, imageId, options),
    },
  };
  const parts = {
    database,
    keyring,
    rateLimits,
    now: clock,
    forgetCredentials: credentialsChanged,
    events,
    streams,
    redeemTicket,
    publicNeeds: publicNeeds as unknown as Record<string, unknown>,
    outside,
    publicUrl,
    liveSettings,
    environmentDefaults,
    organizationName: config.organizationName,
    dialect: config.compatibility === 'bridgeport' ? bridgeport : plain,
    handlers,
    authenticator,
    telemetry,
    trustedProxies: trustedProxies(config.trustedProxies),
    corsOrigin: config.corsOrigin,
    draining: () => draining,
  };
  const context: Context = {
    config,
    log,
    database,
    keyring,
    loginTokens,
    authenticator,
    rateLimits,
    telemetry,
    events,
    liveSettings,
    environmentDefaults,
    registryClient,
    databaseUrl,
    walkParts,
    outside,
    streams,
    redeemTicket,
    publicUrl,
    app: createApp(parts),
    metricsApp: createMetricsApp(parts),
    listenUrl: `http://${config.host}:${config.port}`,
    drain: () => {
      draining = true;
      // They would never finish by themselves.
      streams.drain();
    },
    async close() {
      rateLimits.close();
      await registryClient.close();
      streams.drain();
      await events.close();
      await liveSettings.close();
      await authenticator.close();
      await credentialChanges.close();
      await database.close();
    },
  };
  return context;
}
