import { type ImageConfig, imageConfigOf } from '../../../domain/images/imageConfig';
import { isValidDigest } from '../../../domain/images/reference';
import type { ManifestFacts } from '../access';
import { type Authentication, pullScope, type Session } from '../auth/authentication';
import { RegistryFailure } from '../failure';
import { jsonOf, objectOf } from '../wire/body';
import { repositoryAt } from './endpoint';
import { digestOf, imageTypes, indexTypes, isSchema1, type Manifests, type ReadManifest } from './manifests';
import { statusFailure } from './statusFailure';

/** Configs hold the history of the build, and labels. */
const mostConfigBytes = 4 * 1024 * 1024;
const configTypes = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

interface ImageParts {
  configDigest: string | null;
  /** Only images have one that says what they run on. */
  hasImageConfig: boolean;
  sizeBytes: number | null;
}

interface Config {
  platform: string | null;
  builtAt: string | null;
  start: ImageConfig | null;
}

/** What a manifest and its config say of an image. */
export function createManifestFacts(authentication: Authentication, manifests: Manifests) {
  return async function manifestFacts(session: Session, path: string, digest: string): Promise<ManifestFacts> {
    const { manifest, body } = await readJson(session, path, digest);
    const mediaType = typeof body.mediaType === 'string' ? body.mediaType : manifest.mediaType;
    const entries = Array.isArray(body.manifests) ? body.manifests.flatMap(entryOf) : undefined;
    if (!entries) return imageFacts(session, path, digest, mediaType, body, []);

    const platforms = [...new Set(entries.flatMap(({ platform }) => platform ?? []))];
    const chosen = entries.find(({ platform }) => platform === 'linux/amd64') ?? entries[0];
    if (!chosen) return { digest, mediaType, configDigest: null, platforms, sizeBytes: null, builtAt: null, config: null };
    const image = await readJson(session, path, chosen.digest);
    return imageFacts(session, path, digest, mediaType, image.body, platforms);
  };

  async function imageFacts(
    session: Session,
    path: string,
    digest: string,
    mediaType: string,
    body: Record<string, unknown>,
    platforms: string[],
  ): Promise<ManifestFacts> {
    const { configDigest, hasImageConfig, sizeBytes } = partsOf(body);
    const config = configDigest && hasImageConfig ? await readConfig(session, path, configDigest) : null;
    return {
      digest,
      mediaType: mediaType.slice(0, 255),
      configDigest,
      platforms: platforms.length > 0 || !config?.platform ? platforms : [config.platform],
      sizeBytes,
      builtAt: config?.builtAt ?? null,
      config: config?.start ?? null,
    };
  }

  async function readJson(session: Session, path: string, digest: string) {
    const manifest = await manifests.get(session, path, digest, null);
    if (manifest === null || manifest === 'unchanged') throw gone(session, `${path}@${digest}`);
    const body = parsed(manifest);
    if (isSchema1(manifest.mediaType) || body?.schemaVersion === 1) throw tooOld(session, `${path}@${digest}`);
    if (body?.schemaVersion !== 2) throw unreadable(session, `${path}@${digest}`);
    return { manifest, body };
  }

  async function readConfig(session: Session, path: string, digest: string): Promise<Config> {
    const repository = repositoryAt(session, path);
    const url = new URL(`${session.endpoint.base}/v2/${repository}/blobs/${digest}`);
    const request = { method: 'GET' as const, url, headers: { accept: '*/*' }, mostBytes: mostConfigBytes };
    const answer = await authentication.send(session, request, pullScope(repository));
    if (answer.status !== 200) {
      throw statusFailure(answer, session.caller, { what: `the config of ${repository}`, access: session.access });
    }
    if (digestOf(answer.body, digest) !== digest) throw unreadable(session, `${path}@${digest}`);
    const config = objectOf(jsonOf(answer, session.caller, 'the config of an image')) ?? {};
    return { platform: platformOf(config), builtAt: builtAtOf(config.created), start: imageConfigOf(config.config) };
  }
}

function parsed({ bytes }: ReadManifest): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** An image in an index. Attestations stand there as manifests of an unknown platform, and are left out. */
function entryOf(value: unknown): { digest: string; platform: string | null }[] {
  const entry = objectOf(value);
  const { digest, mediaType } = entry ?? {};
  if (typeof digest !== 'string' || !isValidDigest(digest)) return [];
  if (typeof mediaType === 'string' && ![...imageTypes, ...indexTypes].includes(mediaType)) return [];
  const platform = objectOf(entry?.platform);
  if (platform?.os === 'unknown' || platform?.architecture === 'unknown') return [];
  if (objectOf(entry?.annotations)?.['vnd.docker.reference.type'] !== undefined) return [];
  return [{ digest, platform: platform ? platformOf(platform) : null }];
}

function partsOf(body: Record<string, unknown>): ImageParts {
  const config = objectOf(body.config);
  const layers = Array.isArray(body.layers) ? body.layers : undefined;
  const sizes = layers && [config, ...layers].map((part) => objectOf(part)?.size);
  const isKnown = sizes?.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
  const total = isKnown ? (sizes as number[]).reduce((sum, size) => sum + size, 0) : Number.NaN;
  const digest = config?.digest;
  return {
    configDigest: typeof digest === 'string' && isValidDigest(digest) ? digest : null,
    hasImageConfig: typeof config?.mediaType === 'string' && configTypes.includes(config.mediaType),
    sizeBytes: Number.isSafeInteger(total) ? total : null,
  };
}

/** `os/architecture`, with the variant when there is one that differs from the usual. */
function platformOf({ os, architecture, variant }: Record<string, unknown>): string | null {
  const parts = [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])];
  const isPlain = parts.every((part) => typeof part === 'string' && /^[A-Za-z0-9_.-]{1,50}$/.test(part));
  if (!isPlain) return null;
  const text = parts.join('/').toLowerCase();
  return text === 'linux/arm64/v8' ? 'linux/arm64' : text;
}

/** Builds that are meant to be repeatable write a fixed time, of 1970 or 1980: that says nothing of when they were made. */
function builtAtOf(created: unknown): string | null {
  const at = typeof created === 'string' && /^\d{4}-\d\d-\d\dT/.test(created) ? Date.parse(created) : Number.NaN;
  return at >= Date.UTC(2000, 0, 1) ? new Date(at).toISOString() : null;
}

function gone(session: Session, what: string): RegistryFailure {
  return new RegistryFailure(session.caller.name, session.endpoint.host, {
    reason: 'not_found',
    message: `${session.endpoint.host} no longer has the manifest ${what}.`,
    hint: 'It was deleted or cleaned up in the registry; push it again, or use another tag.',
  });
}

function tooOld(session: Session, what: string): RegistryFailure {
  return new RegistryFailure(session.caller.name, session.endpoint.host, {
    reason: 'bad_response',
    message: `${what} is an image of the old Docker schema 1, which current engines cannot run.`,
    hint: 'Build or push the image again with a current Docker.',
  });
}

function unreadable(session: Session, what: string): RegistryFailure {
  return new RegistryFailure(session.caller.name, session.endpoint.host, {
    reason: 'bad_response',
    message: `What ${session.endpoint.host} holds as ${what} is no manifest of an image, or is damaged.`,
    hint: 'Compare with another client; push the image again.',
  });
}
