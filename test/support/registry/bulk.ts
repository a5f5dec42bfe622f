import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Blob, type ImageOptions, type MadeImage, makeImage } from './images';
import type { TestRegistry } from './registry';

/**
 * Many images at once, written straight into the registry's storage: by requests it takes ten times as long. The registry
 * keeps no index of its own, so it serves them from the next request on.
 */

interface TaggedImage {
  tags: readonly string[];
  image: MadeImage;
}

/** Tags of one repository, by what they name; gives the digest of each tag. */
export function storeImages(
  registry: TestRegistry,
  repository: string,
  images: readonly { tags: readonly string[]; image?: ImageOptions }[],
): Map<string, string> {
  const made = images.map(({ tags, image }) => ({ tags, image: makeImage(image) }));
  return store(registry, repository, made, new Set());
}

/** One repository with `count` tags `1.0.0`, `1.0.1`, ...; `perDigest` neighbours share a digest. */
export function storeManyTags(registry: TestRegistry, repository: string, count: number, perDigest = 1): Map<string, string> {
  return store(registry, repository, manyImages(count, perDigest), new Set());
}

/** Repositories `<prefix>/0000`, `<prefix>/0001`, ... with `tags` tags each, every one with a digest of its own there. */
export function storeManyRepositories(registry: TestRegistry, prefix: string, repositories: number, tags: number): string[] {
  const names = Array.from({ length: repositories }, (_, index) => `${prefix}/${String(index).padStart(4, '0')}`);
  const images = manyImages(tags, 1);
  const stored = new Set<string>();
  for (const name of names) store(registry, name, images, stored);
  return names;
}

function manyImages(count: number, perDigest: number): TaggedImage[] {
  const tags = Array.from({ length: count }, (_, index) => `1.${Math.floor(index / 100)}.${index % 100}`);
  return Array.from({ length: Math.ceil(count / perDigest) }, (_, index) => ({
    tags: tags.slice(index * perDigest, (index + 1) * perDigest),
    image: makeImage({ label: String(index) }),
  }));
}

function store(
  registry: TestRegistry,
  repository: string,
  images: readonly TaggedImage[],
  stored: Set<string>,
): Map<string, string> {
  const digests = new Map<string, string>();
  for (const { tags, image } of images) {
    storeImage(registry, repository, image, stored);
    for (const tag of tags) {
      storeTag(registry, repository, tag, image.digest);
      digests.set(tag, image.digest);
    }
  }
  return digests;
}

/** `stored`: what this call has written already. */
function storeImage(registry: TestRegistry, repository: string, image: MadeImage, stored: Set<string>): void {
  for (const blob of [image.config, ...image.layers]) {
    storeBlob(registry, blob, stored);
    link(registry, repository, `_layers/${pathOf(blob.digest)}`, blob.digest, stored);
  }
  storeBlob(registry, image, stored);
  link(registry, repository, `_manifests/revisions/${pathOf(image.digest)}`, image.digest, stored);
}

/** A push keeps a history of the tag beside this link, which nobody reads and which is a third of all files. */
function storeTag(registry: TestRegistry, repository: string, tag: string, digest: string): void {
  link(registry, repository, `_manifests/tags/${tag}/current`, digest);
}

const root = ({ storage }: TestRegistry) => join(storage, 'docker/registry/v2');
const pathOf = (digest: string) => digest.replace(':', '/');

function storeBlob(registry: TestRegistry, { bytes, digest }: Blob, stored: Set<string>): void {
  const [algorithm = '', hex = ''] = digest.split(':');
  write(join(root(registry), 'blobs', algorithm, hex.slice(0, 2), hex, 'data'), bytes, stored);
}

function link(registry: TestRegistry, repository: string, path: string, digest: string, stored?: Set<string>): void {
  write(join(root(registry), 'repositories', repository, path, 'link'), digest, stored);
}

function write(file: string, content: string | Buffer, stored?: Set<string>): void {
  if (stored?.has(file)) return;
  stored?.add(file);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
}
