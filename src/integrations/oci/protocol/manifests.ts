import { createHash } from 'node:crypto';
import { isValidDigest } from '../../../domain/images/reference';
import type { SeenManifest } from '../access';
import { type Authentication, pullScope, type Session } from '../auth/authentication';
import { RegistryFailure } from '../failure';
import { headerOf, type WireAnswer, type WireRequest } from '../wire/exchange';
import { repositoryAt } from './endpoint';
import { statusFailure } from './statusFailure';

export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
export const imageTypes = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json'];
const accept = [...indexTypes, ...imageTypes].join(', ');

/** The distribution specification lets registries refuse longer manifests. */
const mostBytes = 4 * 1024 * 1024;

/** A manifest that was read, and whose digest is that of its bytes. */
export interface ReadManifest extends SeenManifest {
  bytes: Buffer;
}

/** Manifests of the distribution protocol. */
export function createManifests(authentication: Authentication) {
  /** Which digest a reference stands for; by GET where HEAD does not tell. */
  async function look(
    session: Session,
    path: string,
    reference: string,
    etag: string | null,
  ): Promise<SeenManifest | 'unchanged' | null> {
    const answer = await ask(session, path, reference, 'HEAD', etag);
    if (answer.status === 304 && etag !== null) return 'unchanged';
    if (answer.status === 404) return null;
    if (answer.status === 200) {
      const digest = digestHeader(answer);
      if (digest !== undefined) return seen(answer, checked(answer, session, reference, digest));
    } else if (![400, 405, 501].includes(answer.status)) {
      throw statusFailure(answer, session.caller, { what: `the manifest ${path}:${reference}`, access: session.access });
    }
    const read = await get(session, path, reference, etag);
    return read && read !== 'unchanged' ? { digest: read.digest, etag: read.etag, mediaType: read.mediaType } : read;
  }

  /** The manifest itself. Its bytes are hashed: a digest that was asked for, or that a header names, must be theirs. */
  async function get(
    session: Session,
    path: string,
    reference: string,
    etag: string | null,
  ): Promise<ReadManifest | 'unchanged' | null> {
    const answer = await ask(session, path, reference, 'GET', etag);
    if (answer.status === 304 && etag !== null) return 'unchanged';
    if (answer.status === 404) return null;
    if (answer.status !== 200) {
      throw statusFailure(answer, session.caller, { what: `the manifest ${path}:${reference}`, access: session.access });
    }
    const named = isValidDigest(reference) ? reference : digestHeader(answer);
    // Old manifests carry a signature that is not part of what is hashed.
    const isHashable = !isSchema1(mediaTypeOf(answer));
    if (named !== undefined && isHashable && named !== digestOf(answer.body, named)) {
      throw mismatch(answer, session, `${path}@${named}`);
    }
    if (named === undefined && !looksLikeManifest(answer.body)) throw noManifest(answer, session);
    return { ...seen(answer, named ?? digestOf(answer.body)), bytes: answer.body };
  }

  function ask(
    session: Session,
    path: string,
    reference: string,
    method: 'HEAD' | 'GET',
    etag: string | null,
  ): Promise<WireAnswer> {
    const repository = repositoryAt(session, path);
    const request: WireRequest = {
      method,
      url: new URL(`${session.endpoint.base}/v2/${repository}/manifests/${reference}`),
      headers: { accept, ...(etag === null ? {} : { 'if-none-match': etag }) },
      mostBytes,
    };
    return authentication.send(session, request, pullScope(repository));
  }

  return { look, get };
}

export type Manifests = ReturnType<typeof createManifests>;

/** Digest of bytes, by the algorithm of `like`. */
export function digestOf(bytes: Buffer, like = 'sha256:'): string {
  const algorithm = like.startsWith('sha512:') ? 'sha512' : 'sha256';
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

export const isSchema1 = (mediaType: string): boolean => /docker\.distribution\.manifest\.v1\+/.test(mediaType);

function mediaTypeOf(answer: WireAnswer): string {
  const type = headerOf(answer.headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  return type ? type.slice(0, 255) : 'application/octet-stream';
}

function digestHeader(answer: WireAnswer): string | undefined {
  const digest = headerOf(answer.headers, 'docker-content-digest')?.trim();
  return digest !== undefined && isValidDigest(digest) ? digest : undefined;
}

function seen(answer: WireAnswer, digest: string): SeenManifest {
  const etag = headerOf(answer.headers, 'etag')?.trim();
  // It is stored, and sent back in a header.
  const isUsable = etag !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{1,300}"$/.test(etag);
  return { digest, etag: isUsable ? etag : null, mediaType: mediaTypeOf(answer) };
}

function checked(answer: WireAnswer, session: Session, reference: string, digest: string): string {
  const isPage = /html/.test(mediaTypeOf(answer));
  if (isPage) throw noManifest(answer, session);
  if (isValidDigest(reference) && reference !== digest) throw mismatch(answer, session, reference);
  return digest;
}

function looksLikeManifest(body: Buffer): boolean {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && 'schemaVersion' in parsed;
  } catch {
    return false;
  }
}

function mismatch(answer: WireAnswer, session: Session, asked: string): RegistryFailure {
  return new RegistryFailure(session.caller.name, answer.url.host, {
    reason: 'bad_response',
    message: `${answer.url.host} answered other bytes than those of the digest (${asked}).`,
    hint: 'The registry, its storage or a proxy in front of it is damaged: compare with another client.',
  });
}

function noManifest(answer: WireAnswer, session: Session): RegistryFailure {
  return new RegistryFailure(session.caller.name, answer.url.host, {
    reason: 'bad_response',
    message: `${answer.url.host} answered something else where a manifest should be.`,
    hint: 'Check registryUrl: a login page or a proxy may stand in front of the registry.',
  });
}
