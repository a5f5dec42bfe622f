import { decoded, type Shape } from '../goDecoding';

/**
 * The Go SDK of BridgePort as far as a server sees it: what it sends, and the types that it decodes. One member of another type
 * fails the whole answer; what is left out or null becomes the zero value; further members are not looked at.
 */

const server: Record<string, Shape> = {
  id: 'text',
  name: 'text',
  hostname: 'text',
  privateIp: 'text',
  publicIp: 'text',
  tags: 'text',
  dockerMode: 'text',
  clusterId: 'text',
  environmentId: 'text',
  environment: { struct: { id: 'text', name: 'text', displayName: 'text', sshConfigured: 'truth', createdAt: 'text' } },
  status: 'text',
  metrics: {
    struct: {
      cpuPercent: 'number',
      memoryPercent: 'number',
      memoryUsedMb: 'integer',
      memoryTotalMb: 'integer',
      diskPercent: 'number',
      diskUsedGb: 'number',
      diskTotalGb: 'number',
      uptimeSeconds: 'integer',
      timestamp: 'text',
    },
  },
  createdAt: 'text',
};
const image: Record<string, Shape> = {
  id: 'text',
  name: 'text',
  imageName: 'text',
  tagFilter: 'text',
  currentTag: 'text',
  latestTag: 'text',
  autoUpdate: 'truth',
  updateAvailable: 'truth',
  registryConnectionId: 'text',
  environmentId: 'text',
  createdAt: 'text',
  updatedAt: 'text',
};
const deployment: Record<string, Shape> = {
  id: 'text',
  serviceId: 'text',
  serverId: 'text',
  containerName: 'text',
  composePath: 'text',
  envOverrides: 'text',
  status: 'text',
  containerStatus: 'text',
  healthStatus: 'text',
  discoveryStatus: 'text',
  exposedPorts: 'text',
  lastDeployedAt: 'text',
  server: { struct: server },
};
const command: Shape = { struct: { id: 'text', name: 'text', displayName: 'text', command: 'text', description: 'text' } };
const service: Record<string, Shape> = {
  id: 'text',
  name: 'text',
  imageTag: 'text',
  composeTemplate: 'text',
  healthCheckUrl: 'text',
  baseEnv: 'text',
  deployStrategy: 'text',
  healthWaitMs: 'integer',
  healthRetries: 'integer',
  healthIntervalMs: 'integer',
  environmentId: 'text',
  containerImageId: 'text',
  containerImage: { struct: image },
  serviceTypeId: 'text',
  serviceType: { struct: { id: 'text', name: 'text', displayName: 'text', commands: { list: command } } },
  serviceDeployments: { list: { struct: deployment } },
  createdAt: 'text',
  containerName: 'text',
  status: 'text',
  containerStatus: 'text',
  healthStatus: 'text',
  serverId: 'text',
  server: { struct: server },
};
const registry: Record<string, Shape> = {
  id: 'text',
  name: 'text',
  type: 'text',
  registryUrl: 'text',
  repositoryPrefix: 'text',
  username: 'text',
  hasToken: 'truth',
  hasPassword: 'truth',
  isDefault: 'truth',
  refreshIntervalMinutes: 'integer',
  autoLinkPattern: 'text',
  environmentId: 'text',
  imageCount: 'integer',
  createdAt: 'text',
  updatedAt: 'text',
  _count: { struct: { containerImages: 'integer' } },
};
const keyed: Record<string, Shape> = {
  id: 'text',
  key: 'text',
  description: 'text',
  usageCount: 'integer',
  createdAt: 'text',
  updatedAt: 'text',
};
const configFile: Record<string, Shape> = {
  id: 'text',
  name: 'text',
  filename: 'text',
  description: 'text',
  content: 'text',
  isBinary: 'truth',
  mimeType: 'text',
  fileSize: 'integer',
  autoResync: 'truth',
  language: 'text',
  environmentId: 'text',
  syncStatus: 'text',
  syncCounts: { struct: { synced: 'integer', pending: 'integer', never: 'integer', total: 'integer' } },
  createdAt: 'text',
  updatedAt: 'text',
};

/** The objects that the SDK knows. */
export const objects = {
  environment: { id: 'text', name: 'text', displayName: 'text', sshConfigured: 'truth', createdAt: 'text' },
  server,
  image,
  deployment,
  service,
  registry,
  var: { ...keyed, value: 'text' },
  secret: { ...keyed, neverReveal: 'truth' },
  fragment: {
    id: 'text',
    name: 'text',
    description: 'text',
    content: 'text',
    environmentId: 'text',
    createdAt: 'text',
    updatedAt: 'text',
  },
  configFile,
  serviceFile: {
    id: 'text',
    serviceId: 'text',
    configFileId: 'text',
    serviceDeploymentId: 'text',
    targetPath: 'text',
    configFile: { struct: configFile },
  },
  auditLog: {
    id: 'text',
    action: 'text',
    resourceType: 'text',
    resourceName: 'text',
    success: 'truth',
    createdAt: 'text',
    user: { struct: { email: 'text', name: 'text' } },
    environment: { struct: { name: 'text' } },
  },
  healthLog: {
    id: 'text',
    resourceType: 'text',
    resourceName: 'text',
    checkType: 'text',
    status: 'text',
    durationMs: 'integer',
    errorMessage: 'text',
    createdAt: 'text',
  },
} satisfies Record<string, Record<string, Shape>>;

export const one = (member: string, object: keyof typeof objects): Shape => ({
  struct: { [member]: { struct: objects[object] } },
});
export const listOf = (member: string, object: keyof typeof objects): Shape => ({
  struct: { [member]: { list: { struct: objects[object] } }, total: 'integer' },
});

/** An answer of 400 and above: only status and `message` reach the caller. */
export class SdkError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

type Body = Record<string, unknown>;

export class BridgeportSdk {
  constructor(
    private readonly url: string,
    readonly token: string,
  ) {}

  /** Address and path are joined as they are; the type of the content is told on every request. Left out: members that are undefined. */
  async send(method: string, path: string, body: Body | undefined, shape: Shape | undefined): Promise<any> {
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (answer.status >= 400) throw new SdkError(answer.status, JSON.parse(text).message);
    return shape === undefined ? undefined : decoded(JSON.parse(text), shape);
  }

  get = (path: string, shape: Shape) => this.send('GET', path, undefined, shape);
  post = (path: string, body: Body, shape: Shape) => this.send('POST', path, body, shape);
  patch = (path: string, body: Body, shape: Shape) => this.send('PATCH', path, body, shape);
  delete = (path: string) => this.send('DELETE', path, undefined, undefined);

  async environments(): Promise<any[]> {
    return (await this.get('/api/environments', listOf('environments', 'environment'))).environments;
  }

  /** By comparing the names of all; 404 is the SDK's own. */
  async environment(name: string): Promise<any> {
    return found(await this.environments(), 'name', name);
  }

  async servers(environmentId: string): Promise<any[]> {
    return (await this.get(`/api/environments/${environmentId}/servers`, listOf('servers', 'server'))).servers;
  }

  async servicesOf(serverId: string): Promise<any[]> {
    return (await this.get(`/api/servers/${serverId}/services`, listOf('services', 'service'))).services;
  }

  async list(environmentId: string, path: string, member: string, object: keyof typeof objects): Promise<any[]> {
    return (await this.get(`/api/environments/${environmentId}/${path}`, listOf(member, object)))[member];
  }
}

export function found(all: any[], member: string, value: string): any {
  const match = all.find((each) => each[member] === value);
  if (!match) throw new SdkError(404, `${value} is not there`);
  return match;
}
