import { createHash } from 'node:crypto';
import type { TestRegistry } from './registry';

/** Images from nothing, pushed as any client pushes them. */

export interface ImageOptions {
  /** "linux/amd64" by default; with a variant, "linux/arm/v7". */
  platform?: string;
  /** When the image says that it was built; null = it does not say. */
  created?: Date | null;
  /** Contents of the layers; the default depends on nothing. */
  layers?: (string | Buffer)[];
  /** Any text that makes this image another one; an annotation of the manifest. */
  label?: string;
  /** Media types of Docker instead of those of OCI. */
  docker?: boolean;
  /** How it is started, as images say it: ExposedPorts, User, Entrypoint, Cmd, WorkingDir. */
  config?: object;
}

export interface Blob {
  bytes: Buffer;
  digest: string;
}

/** An image that is not pushed yet. */
export interface MadeImage extends Blob {
  mediaType: string;
  platform: string;
  config: Blob;
  layers: Blob[];
  /** What a client has to fetch: configuration and layers. */
  contentBytes: number;
}

export interface PushedImage {
  digest: string;
  mediaType: string;
  configDigest: string;
  /** Configuration and layers. */
  contentBytes: number;
}

export interface PushedIndex {
  digest: string;
  mediaType: string;
  images: PushedImage[];
}

const oci = 'application/vnd.oci.image';
const docker = 'application/vnd.docker';

export function blobOf(content: string | Buffer): Blob {
  const bytes = Buffer.from(content as string);
  return { bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** Builds configuration, layers and manifest; the same options give the same digest. */
export function makeImage(options: ImageOptions = {}): MadeImage {
  const { platform = 'linux/amd64', created = new Date('2026-01-02T03:04:05Z'), layers = ['a layer'], label } = options;
  const [os = '', architecture = '', variant] = platform.split('/');
  const blobs = layers.map(blobOf);
  const config = json({
    ...(created ? { created: created.toISOString() } : {}),
    architecture,
    os,
    ...(variant ? { variant } : {}),
    config: options.config ?? {},
    rootfs: { type: 'layers', diff_ids: blobs.map(({ digest }) => digest) },
  });
  const mediaType = options.docker ? `${docker}.distribution.manifest.v2+json` : `${oci}.manifest.v1+json`;
  const configType = options.docker ? `${docker}.container.image.v1+json` : `${oci}.config.v1+json`;
  const layerType = options.docker ? `${docker}.image.rootfs.diff.tar.gzip` : `${oci}.layer.v1.tar+gzip`;
  const manifest = json({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: configType, digest: config.digest, size: config.bytes.length },
    layers: blobs.map(({ bytes, digest }) => ({ mediaType: layerType, digest, size: bytes.length })),
    ...(label === undefined ? {} : { annotations: { 'portolan.test': label } }),
  });
  const contentBytes = config.bytes.length + blobs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { ...manifest, mediaType, platform, config, layers: blobs, contentBytes };
}

/** Pushes an image under all `tags` (one digest), or by its digest only when there are none. */
export async function pushImage(
  registry: TestRegistry,
  repository: string,
  tags: readonly string[],
  options: ImageOptions = {},
): Promise<PushedImage> {
  const image = makeImage(options);
  for (const blob of [image.config, ...image.layers]) await pushBlob(registry, repository, blob);
  await pushManifest(registry, repository, tags.length > 0 ? tags : [image.digest], image);
  const { digest, mediaType, config, contentBytes } = image;
  return { digest, mediaType, configDigest: config.digest, contentBytes };
}

/**
 * Pushes one image for each platform and an index of them under all `tags`. `attestation` adds the entry of platform
 * unknown/unknown in which builders keep provenance.
 */
export async function pushIndex(
  registry: TestRegistry,
  repository: string,
  tags: readonly string[],
  options: { images?: ImageOptions[]; attestation?: boolean; docker?: boolean } = {},
): Promise<PushedIndex> {
  const docked = options.docker ? { docker: true } : {};
  const wanted = options.images ?? [{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }];
  const made = wanted.map((each) => makeImage({ ...docked, ...each }));
  const images: PushedImage[] = [];
  for (const each of wanted) images.push(await pushImage(registry, repository, [], { ...docked, ...each }));
  const entries: object[] = made.map((image) => entryOf(image, platformOf(image.platform)));
  if (options.attestation) {
    const about = { layers: ['{"predicateType":"provenance"}'], platform: 'unknown/unknown', created: null };
    await pushImage(registry, repository, [], about);
    const annotations = {
      'vnd.docker.reference.digest': made[0]?.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    };
    entries.push({ ...entryOf(makeImage(about), { os: 'unknown', architecture: 'unknown' }), annotations });
  }
  const mediaType = options.docker ? `${docker}.distribution.manifest.list.v2+json` : `${oci}.index.v1+json`;
  const index = json({ schemaVersion: 2, mediaType, manifests: entries });
  await pushManifest(registry, repository, tags.length > 0 ? tags : [index.digest], { ...index, mediaType });
  return { digest: index.digest, mediaType, images };
}

/** Removes what a digest names, and with it all tags that name this digest. Registries refuse to delete a tag alone. */
export async function deleteDigest(registry: TestRegistry, repository: string, digest: string): Promise<void> {
  await expected(registry, 202, 'DELETE', `/v2/${repository}/manifests/${digest}`, { access: all(repository, 'delete') });
}

function json(value: object): Blob {
  return blobOf(JSON.stringify(value));
}

function platformOf(platform: string): object {
  const [os, architecture, variant] = platform.split('/');
  return { os, architecture, ...(variant ? { variant } : {}) };
}

function entryOf(image: MadeImage, platform: object): object {
  return { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length, platform };
}

const all = (repository: string, ...more: string[]) => [
  { type: 'repository' as const, name: repository, actions: ['pull', 'push', ...more] },
];

async function pushBlob(registry: TestRegistry, repository: string, { bytes, digest }: Blob): Promise<void> {
  const access = all(repository);
  const known = await registry.request('HEAD', `/v2/${repository}/blobs/${digest}`, { access });
  if (known.status === 200) return;
  const { headers } = await expected(registry, 202, 'POST', `/v2/${repository}/blobs/uploads/`, { access });
  const upload = new URL(String(headers.location), registry.url);
  upload.searchParams.set('digest', digest);
  await expected(registry, 201, 'PUT', upload.pathname + upload.search, {
    access,
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
}

async function pushManifest(
  registry: TestRegistry,
  repository: string,
  references: readonly string[],
  manifest: Blob & { mediaType: string },
): Promise<void> {
  for (const reference of references) {
    await expected(registry, 201, 'PUT', `/v2/${repository}/manifests/${reference}`, {
      access: all(repository),
      body: manifest.bytes,
      headers: { 'content-type': manifest.mediaType },
    });
  }
}

async function expected(
  registry: TestRegistry,
  status: number,
  method: string,
  path: string,
  request: Parameters<TestRegistry['request']>[2],
) {
  const answer = await registry.request(method, path, request);
  if (answer.status !== status) throw new Error(`${method} ${path} was answered with ${answer.status}: ${answer.text}`);
  return answer;
}
