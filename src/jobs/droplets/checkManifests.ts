import { uuidv7 } from 'uuidv7';
import { areForRepository } from '../../domain/cloudFoundry/packages/credentials';
import { splitRepository } from '../../domain/images/reference';
import { OptionalRefused, RegistryFailure } from '../../integrations/oci/failure';
import { recordAudit } from '../../store/audit';
import { noteClockJob } from '../../store/clockJobs';
import {
  digestsToLookFor,
  expireDropletsOf,
  type LostDroplet,
  noteLookedFor,
  type PinnedDigest,
} from '../../store/cloudFoundry/expiredDroplets';
import { openPassword } from '../../store/cloudFoundry/packagePassword';
import type { Tx } from '../../store/database';
import type { Keyring } from '../../store/sealing';
import { imageSource, type ResolveParts } from '../builds/resolveImage';
import { eachOf } from '../eachOf';

/** Once a day, at a quiet time. */
export const checkManifestsCron = '31 4 * * *';
export const checkManifestsPeriodSeconds = 86_400;

/** A digest that was looked for this lately is left alone. */
const againAfterHours = 20;
/** Droplets at a time, whose digests are looked for together. */
const batch = 500;
/** Digests in one go; the rest has its turn the next day, those of the longest unseen first. */
const most = 5000;
const atATime = 4;

export interface CheckParts extends ResolveParts {
  stopping: AbortSignal;
  announce(): void;
}

export interface CheckReport {
  /** Digests whose turn it was. */
  digests: number;
  /** Of these, the ones that a registry said nothing of. */
  unknown: number;
  lost: number;
  /** Droplets. */
  expired: number;
}

/**
 * Looks whether registries still have what staged droplets are pinned to, by one HEAD for each digest. Droplets of a lost
 * manifest expire; the current one of an app stays, and a warning is recorded. A registry that fails says nothing.
 */
export async function checkManifests(parts: CheckParts): Promise<CheckReport> {
  const report: CheckReport = { digests: 0, unknown: 0, lost: 0, expired: 0 };
  const skipped = new Set<string>();
  while (report.digests < most && !parts.stopping.aborted) {
    const digests = await digestsToLookFor(parts.database.db, againAfterHours, batch);
    if (digests.length === 0) break;
    await eachOf(digests, atATime, (digest) => lookFor(parts, digest, skipped, report));
  }
  await parts.database.transact((tx) => noteClockJob(tx, 'checkManifests', checkManifestsPeriodSeconds));
  return report;
}

async function lookFor(parts: CheckParts, digest: PinnedDigest, skipped: Set<string>, report: CheckReport): Promise<void> {
  if (parts.stopping.aborted) return;
  const isThere = await look(parts, digest, skipped);
  const { expired, kept } = await parts.database.transact((tx) => note(tx, digest.digest_id, isThere));
  report.digests++;
  if (isThere === undefined) report.unknown++;
  if (isThere === false) report.lost++;
  report.expired += expired;
  if (expired + kept.length > 0) parts.announce();
}

/** Whether the registry has it; undefined when it does not say. Hosts that cannot be asked more are `skipped` from then on. */
async function look(parts: CheckParts, digest: PinnedDigest, skipped: Set<string>): Promise<boolean | undefined> {
  const { repository, manifest_digest: manifestDigest, environment_id: environmentId, username } = digest;
  const { host } = splitRepository(repository);
  if (skipped.has(host)) return undefined;
  try {
    const password = passwordOf(parts.keyring, digest);
    const image = `${repository}@${manifestDigest}`;
    const { access, path } = await imageSource(parts, { environmentId, image, username, password });
    const options = { signal: parts.stopping, optional: true };
    return (await parts.registryClient.manifest(access, path, manifestDigest, options)) !== null;
  } catch (error) {
    if (!(error instanceof RegistryFailure)) throw error;
    if (error instanceof OptionalRefused || concernsHost.has(error.failure.reason)) skipped.add(host);
    return undefined;
  }
}

/** Others are about one repository, or one set of credentials. */
const concernsHost = new Set(['rate_limited', 'timeout', 'connection_refused', 'dns', 'tls']);

/**
 * Where the key is missing, the connection of the space has to do; and where a droplet was pointed at another image than
 * that of its package, whose credentials are no business of the other host.
 */
function passwordOf(keyring: Keyring, digest: PinnedDigest): string | null {
  const { package_id: rowId, package_image: image, password_sealed: sealed, repository } = digest;
  if (rowId === null || sealed === null || image === null || !areForRepository(image, repository)) return null;
  try {
    return openPassword(keyring, rowId, sealed);
  } catch {
    return null;
  }
}

async function note(tx: Tx, digestId: string, isThere: boolean | undefined): Promise<{ expired: number; kept: LostDroplet[] }> {
  await noteLookedFor(tx, digestId, isThere === true);
  if (isThere !== false) return { expired: 0, kept: [] };
  const outcome = await expireDropletsOf(tx, digestId);
  for (const droplet of outcome.kept) await warn(tx, droplet);
  return outcome;
}

/** What the app runs cannot be pulled again: somebody has to know before a server asks for it. */
function warn(tx: Tx, droplet: LostDroplet): Promise<void> {
  const source = { operationId: 'checkManifests', requestId: `req_${uuidv7()}`, principal: null };
  return recordAudit(tx, source, {
    action: 'warn',
    resourceType: 'droplet',
    resourceId: droplet.id,
    resourceName: droplet.app_name,
    environmentId: droplet.environment_id,
    details: {
      cfType: 'audit.app.droplet.warn',
      appGuid: droplet.service_id,
      image: droplet.image,
      warning: 'The registry no longer has the manifest of this current droplet: it cannot be pulled again.',
    },
  });
}
