import type { Issue } from '../errors';
import { patchedText } from '../registries/registry';
import { isLocalHost } from './localHost';

export type DockerMode = 'ssh' | 'socket';
export type MetricsMode = 'disabled' | 'ssh';

/** What a user sets on a server, and the host key that was pinned for it. */
export interface ServerSettings {
  name: string;
  hostname: string;
  publicIp: string | null;
  tags: readonly string[];
  dockerMode: DockerMode;
  metricsMode: MetricsMode;
  sshPort: number;
  hostKeyFingerprint: string | null;
}

/** Absent keeps, null clears, a value sets; `""` clears `publicIp`. A host key can only be forgotten. */
export interface ServerPatch {
  name?: string | undefined;
  hostname?: string | undefined;
  publicIp?: string | null | undefined;
  tags?: readonly string[] | undefined;
  dockerMode?: DockerMode | undefined;
  clusterId?: string | null | undefined;
  metricsMode?: MetricsMode | undefined;
  sshPort?: number | undefined;
  hostKeyFingerprint?: string | null | undefined;
}

/** What a server starts from; the environment's default for Docker only where the host allows it. */
export const newServer = (name: string, hostname: string, defaultDockerMode: DockerMode): ServerSettings => ({
  name,
  hostname,
  publicIp: null,
  tags: [],
  dockerMode: isLocalHost(hostname) ? defaultDockerMode : 'ssh',
  metricsMode: 'disabled',
  sshPort: 22,
  hostKeyFingerprint: null,
});

/** The settings after a patch. Another hostname or port is another host, whose key nobody has seen. */
export function applyServerPatch(present: ServerSettings, patch: ServerPatch): ServerSettings {
  const hostname = patch.hostname ?? present.hostname;
  const sshPort = patch.sshPort ?? present.sshPort;
  const isSameHost = hostname === present.hostname && sshPort === present.sshPort;
  return {
    name: patch.name ?? present.name,
    hostname,
    publicIp: patchedText(present.publicIp, patch.publicIp),
    tags: patch.tags ?? present.tags,
    dockerMode: patch.dockerMode ?? present.dockerMode,
    metricsMode: patch.metricsMode ?? present.metricsMode,
    sshPort,
    hostKeyFingerprint: isSameHost && patch.hostKeyFingerprint === undefined ? present.hostKeyFingerprint : null,
  };
}

/** Rules that span members, checked on the resulting object; `patch` tells which member to blame. */
export function checkServer(settings: ServerSettings, patch: ServerPatch): Issue[] {
  const issues: Issue[] = [];
  if (settings.dockerMode === 'socket' && !isLocalHost(settings.hostname)) {
    const field = patch.dockerMode === undefined ? 'hostname' : 'dockerMode';
    const message = 'dockerMode "socket" is for the host that Portolan itself runs on.';
    const hint = 'Send dockerMode "ssh", or the hostname localhost.';
    issues.push({ in: 'body', field, code: 'inconsistent', message, hint });
  }
  if (patch.clusterId) {
    const message = `There is no server cluster "${patch.clusterId.slice(0, 100)}".`;
    issues.push({ in: 'body', field: 'clusterId', code: 'unknown_reference', message, hint: 'Send null.' });
  }
  return issues;
}

/** What follows from the hostname. */
export const serverTypeOf = (hostname: string): 'remote' | 'host' => (isLocalHost(hostname) ? 'host' : 'remote');
