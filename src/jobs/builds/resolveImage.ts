import { uuidv7 } from 'uuidv7';
import { areForRepository } from '../../domain/cloudFoundry/packages/credentials';
import type { ImageConfig } from '../../domain/images/imageConfig';
import { parseReference, splitRepository } from '../../domain/images/reference';
import { connectionFor, mismatchMessage } from '../../domain/registries/connectionFor';
import type { EnvironmentDefaults } from '../../domain/settings/environmentSettings';
import type { ManifestFacts, RegistryAccess } from '../../integrations/oci/access';
import type { RegistryClient } from '../../integrations/oci/client';
import { type FailureReason, RegistryFailure } from '../../integrations/oci/failure';
import { recordAudit } from '../../store/audit';
import type { Database, Db, Tx } from '../../store/database';
import { settingsOf } from '../../store/environmentSettings';
import { findRegistry } from '../../store/registries';
import { ensureImageRow, findEnvironmentImages, saveResolvedDigest } from '../../store/resolvedImages';
import type { Keyring } from '../../store/sealing';
import { accessToRepository } from '../registryAccess';
import { inlineAccess } from './packageAccess';

/** What images are resolved with. */
export interface ResolveParts {
  database: Database;
  keyring: Keyring;
  registryClient: RegistryClient;
  /** Goes to `settingsOf`. */
  environmentDefaults: EnvironmentDefaults;
  /** After a commit that recorded events. */
  announce?(): void;
}

export interface ResolveRequest {
  /** The job that asks, for the audit. */
  job: 'stageBuild' | 'resolveDroplet';
  environmentId: string;
  /** A reference with tag or digest; without both, `latest` is meant. */
  image: string;
  /** Used instead of a connection where both are given. */
  username?: string | null;
  password?: string | null;
  signal?: AbortSignal | undefined;
  requestId?: string | undefined;
}

/** A reference pinned to what it stands for now. */
export interface ResolvedImage {
  containerImageId: string;
  imageDigestId: string;
  /** Normal form of what is pulled. */
  repository: string;
  manifestDigest: string;
  config: ImageConfig;
}

/** Where an image is read. */
export interface ImageSource {
  /** The environment's container image; null = it has none of this repository. */
  containerImageId: string | null;
  repository: string;
  /** Below the host. */
  path: string;
  access: RegistryAccess;
}

/**
 * Resolves an image of an environment: its tag to a digest, the config of that to what starts it. Digest and container
 * image are stored where they are new. Throws RegistryFailure for all that a registry, or the policy, has against it.
 */
export async function resolveImage(parts: ResolveParts, request: ResolveRequest): Promise<ResolvedImage> {
  const source = await imageSource(parts, request);
  const { reference } = source;
  if (source.containerImageId === null) await requireAllowed(parts, request.environmentId, source.repository);
  const facts = await readFacts(parts.registryClient, source, reference, request);
  if (!facts.config) {
    throw failure(source.repository, 'bad_response', `${source.repository}@${facts.digest} is no image that can be started.`);
  }
  const { config } = facts;
  const tag = reference.digest === undefined ? (reference.tag ?? 'latest') : 'latest';
  const stored = await parts.database.transact(async (tx) => {
    const containerImageId = source.containerImageId ?? (await ensureContainerImage(tx, { ...request, ...source, tag }));
    const imageDigestId = await saveResolvedDigest(tx, { ...facts, id: uuidv7(), imageId: containerImageId });
    return { containerImageId, imageDigestId };
  });
  parts.announce?.();
  return { ...stored, repository: source.repository, manifestDigest: facts.digest, config };
}

/** Chooses where and how an image of an environment is read. Nothing is asked of the network. */
export async function imageSource(
  { database, keyring }: Pick<ResolveParts, 'database' | 'keyring'>,
  request: Omit<ResolveRequest, 'job'>,
): Promise<ImageSource & { reference: { tag?: string; digest?: string } }> {
  const { environmentId, image, username, password } = request;
  const parsed = parseReference(image);
  if ('problem' in parsed) throw failure('/', 'not_found', parsed.problem.message);
  const { host, givenPath, hostGiven, repository: plain, ...reference } = parsed.value;
  const name = hostGiven ? `${host}/${givenPath}` : givenPath;
  const chosen = await chooseConnection(database.db, environmentId, name, plain);
  const row = chosen.connectionId === null ? null : await findRegistry(database.db, chosen.connectionId);
  if (row === undefined) throw new Error('The connection of an image was deleted while it was looked for.');
  const { access, path } = accessToRepository(chosen.repository, chosen.mismatch ? null : row, keyring);
  const { repository, containerImageId } = chosen;
  if (username && password) {
    if (!areForRepository(image, repository)) throw foreignCredentials(host, repository);
    return { containerImageId, repository, path, reference, access: inlineAccess(repository, { username, password }, row) };
  }
  if (chosen.mismatch) throw failure(repository, 'forbidden', mismatchMessage(row));
  return { containerImageId, repository, path, reference, access };
}

/** A container image of the same name or normal form decides, by the connection that it is linked to. */
export async function chooseConnection(db: Db, environmentId: string, name: string, plain: string) {
  const found = await findEnvironmentImages(db, environmentId, [name, plain]);
  if (!found) throw new Error('The environment of an image is gone.');
  const { connections } = found;
  const [followed] = found.images;
  const settings = followed ?? { imageName: name, registryConnectionId: null };
  const { connection, repository, mismatch } = connectionFor(settings, connections);
  // Completed by a connection, the name may be one that the environment follows in full.
  const [completed] = followed || repository === plain ? [] : await completedImages(db, environmentId, repository);
  const image = followed ?? completed;
  return { connectionId: connection?.id ?? null, repository, mismatch, containerImageId: image?.id ?? null };
}

const completedImages = async (db: Db, environmentId: string, repository: string) =>
  (await findEnvironmentImages(db, environmentId, [repository]))?.images ?? [];

async function readFacts(
  client: RegistryClient,
  { access, path, repository }: ImageSource,
  reference: { tag?: string; digest?: string },
  { signal, requestId }: ResolveRequest,
): Promise<ManifestFacts> {
  const options = { signal, requestId };
  if (reference.digest !== undefined) return client.manifestFacts(access, path, reference.digest, options);
  const tag = reference.tag ?? 'latest';
  const seen = await client.manifest(access, path, tag, options);
  if (seen === null || seen === 'unchanged') {
    throw failure(repository, 'not_found', `${splitRepository(repository).host} has no ${path}:${tag}.`, access.name);
  }
  return client.manifestFacts(access, path, seen.digest, options);
}

interface NewContainerImage {
  job: ResolveRequest['job'];
  environmentId: string;
  repository: string;
  /** What is followed from now on. */
  tag: string;
  requestId?: string | undefined;
}

/** Refuses a repository that the environment has no container image of, where only such may be used. */
async function requireAllowed(
  { database, environmentDefaults }: ResolveParts,
  environmentId: string,
  repository: string,
): Promise<void> {
  const { allowUnknownRepositories } = await settingsOf(database.db, environmentId, 'configuration', environmentDefaults);
  if (!allowUnknownRepositories) throw unknownRepository(repository);
}

/** The container image of a repository, which becomes one of the environment with its first use. Gives its id. */
export async function ensureContainerImage(
  tx: Tx,
  { job, environmentId, repository, tag, requestId }: NewContainerImage,
): Promise<string> {
  const name = splitRepository(repository).path.slice(-255);
  const { id, isNew } = await ensureImageRow(tx, { id: uuidv7(), environmentId, repository, name, tagFilter: tag });
  if (isNew) {
    const source = { operationId: job, requestId: requestId ?? `req_${uuidv7()}`, principal: null };
    const details = { after: { name, imageName: repository, tagFilter: tag } };
    await recordAudit(tx, source, {
      action: 'create',
      resourceType: 'container_image',
      resourceId: id,
      resourceName: name,
      environmentId,
      details,
    });
  }
  return id;
}

/** Why a repository may not be used; worded for whoever asked for it. */
export const unknownRepositoryMessage = (repository: string): string =>
  `This environment has no container image of ${repository}, and others may not be used here.`;

const unknownRepository = (repository: string) => failure(repository, 'forbidden', unknownRepositoryMessage(repository));

/** Whoever may add a connection could have them sent to a host of theirs otherwise. */
const foreignCredentials = (host: string, repository: string) =>
  failure(
    repository,
    'forbidden',
    `The image stands for ${repository} here, and its own credentials are for ${host} only; name the host in the image.`,
  );

function failure(repository: string, reason: FailureReason, message: string, name?: string): RegistryFailure {
  const { host } = splitRepository(repository);
  const hint = 'Look at the image of the package, and at the connections and container images of its environment.';
  return new RegistryFailure(name ?? host, host, { reason, message, hint, connected: false });
}
