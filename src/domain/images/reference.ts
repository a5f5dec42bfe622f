import type { IssueCode } from '../errors';

/** An image reference in parts. Docker Hub is always `docker.io`, its one-part names always stand under `library/`. */
export interface ImageReference {
  /** Host in lower case, with its port if one was given. */
  host: string;
  path: string;
  /** Normal form `host[:port]/path`: for uniqueness, matching and pulling. */
  repository: string;
  tag?: string;
  digest?: string;
  /** Whether the text named the host itself. */
  hostGiven: boolean;
  /** The path as written, before Docker Hub's `library/`. */
  givenPath: string;
}

/** Why a text is no image reference, and the way out. */
export interface ReferenceProblem {
  code: IssueCode;
  message: string;
  hint: string;
}

export const dockerHub = 'docker.io';

const hubHosts = [dockerHub, 'index.docker.io', 'registry-1.docker.io', 'hub.docker.com'];

const tagForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const digestForm = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const hostForm =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
// Separators and letters do not overlap, so this takes linear time. The grammar that the npm reference parsers copy from
// Docker lets the separator be empty and needs seconds for thirty letters and a wrong sign.
const pathForm = /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/;

/** Whether a text can be a tag. */
export const isValidTag = (text: string): boolean => tagForm.test(text);

/** Whether a text can be a digest (sha256 or sha512). */
export const isValidDigest = (text: string): boolean => digestForm.test(text);

/** One name for all hosts of Docker Hub; any other host in lower case. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return hubHosts.includes(lower) ? dockerHub : lower;
}

/** Puts Docker Hub's `library/` in front of a name of one part. */
export const hubPath = (path: string): string => (path.includes('/') ? path : `library/${path}`);

/** Host and path of a normal form. */
export function splitRepository(repository: string): { host: string; path: string } {
  const slash = repository.indexOf('/');
  return { host: repository.slice(0, slash), path: repository.slice(slash + 1) };
}

/** Reads `[host[:port]/]path[:tag][@digest]`. */
export function parseReference(text: string): { value: ImageReference } | { problem: ReferenceProblem } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const name = colon < 0 ? named : named.slice(0, colon);

  const { host, path } = splitHost(name);
  const problem =
    hostProblem(host) ??
    pathProblem(path) ??
    (tag === undefined || isValidTag(tag) ? undefined : tagProblem(tag)) ??
    (digest === undefined || isValidDigest(digest) ? undefined : digestProblem(digest));
  if (problem) return { problem };

  const normalHost = canonicalHost(host ?? dockerHub);
  const normalPath = normalHost === dockerHub ? hubPath(path) : path;
  return {
    value: {
      host: normalHost,
      path: normalPath,
      repository: `${normalHost}/${normalPath}`,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
      hostGiven: host !== undefined,
      givenPath: path,
    },
  };
}

/** Reads a repository as `imageName` holds it: a reference without tag and digest. */
export function parseRepository(text: string): { value: ImageReference } | { problem: ReferenceProblem } {
  const parsed = parseReference(text);
  if ('problem' in parsed) return parsed;
  const { tag, digest } = parsed.value;
  if (digest !== undefined) {
    return problem('An image name has no digest.', 'Leave out everything from "@" on; deploy a digest by imageDigestId.');
  }
  if (tag !== undefined) {
    const portHint = /^\d+$/.test(tag) && !text.includes('/') ? ' If it is a port, add the repository after it.' : '';
    return problem(`An image name has no tag, but this one ends in ":${tag}".`, `Put the tag into tagFilter.${portHint}`);
  }
  return parsed;
}

/** Why a text cannot name a repository below the host of a connection; undefined when it can. */
export function repositoryPathProblem(text: string): ReferenceProblem | undefined {
  const host = /^[^/]*:\d{1,5}(?=\/)/.exec(text)?.[0];
  if (host !== undefined) {
    return problem(
      `"${host}" is a host, not part of a repository.`,
      `Write only what follows it: "${text.slice(host.length + 1)}".`,
    ).problem;
  }
  const parsed = parseReference(`localhost/${text}`);
  if ('problem' in parsed) return parsed.problem;
  const { tag, digest, path } = parsed.value;
  if (tag === undefined && digest === undefined) return undefined;
  const end = tag === undefined ? 'a digest' : `the tag ":${tag}"`;
  return problem(`A repository has no tag and no digest, but this one ends in ${end}.`, `Write only "${path}".`).problem;
}

/** The first part is a host if a path follows and it cannot be a path part of Docker Hub. */
function splitHost(name: string): { host: string | undefined; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  return /[.:]/.test(first) || first === 'localhost'
    ? { host: first, path: name.slice(slash + 1) }
    : { host: undefined, path: name };
}

function problem(message: string, hint: string): { problem: ReferenceProblem } {
  return { problem: { code: 'pattern', message, hint } };
}

function hostProblem(host: string | undefined): ReferenceProblem | undefined {
  if (host === undefined || hostForm.test(host)) return undefined;
  return {
    code: 'pattern',
    message: `"${host}" is no registry host.`,
    hint: host.endsWith(':') && /^https?:$/i.test(host) ? 'Leave out "http://" or "https://".' : 'Write host or host:port.',
  };
}

function pathProblem(path: string): ReferenceProblem | undefined {
  const bad = path.split('/').find((part) => !pathForm.test(part));
  if (bad === undefined) return undefined;
  if (path === '')
    return { code: 'pattern', message: 'The repository is missing.', hint: 'Write it as ghcr.io/acme/shop or nginx.' };
  if (bad === '') {
    return {
      code: 'pattern',
      message: 'The repository has an empty part.',
      hint: 'Write exactly one "/" between two parts, and none at the ends.',
    };
  }
  const lower = bad.toLowerCase();
  return {
    code: 'pattern',
    message: `"${bad}" cannot be part of a repository.`,
    hint: pathForm.test(lower)
      ? `Repositories are in lower case: "${lower}".`
      : 'Use a-z and 0-9, with ".", "_" or "-" only between them.',
  };
}

const tagProblem = (tag: string): ReferenceProblem => ({
  code: 'pattern',
  message: tag === '' ? 'The tag after ":" is missing.' : `"${tag}" is no tag.`,
  hint: 'A tag has up to 128 letters, digits, "_", "." and "-", and starts with none of the last two.',
});

const digestProblem = (digest: string): ReferenceProblem => ({
  code: 'pattern',
  message: `"${digest}" is no digest.`,
  hint: 'Write sha256: and 64 digits of 0-9 and a-f.',
});
