import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A BridgePort as its clients know it: maps and lists of hosts and services are JSON text, lists take no notice of limit and
 * cursor, ids are of another form, and what an answer needs not hold is left out.
 */
export interface StandIn {
  url: string;
  token: string;
  /** Answers by path; a test may change them. */
  answers: Record<string, unknown>;
  asked: string[];
  /** How many more requests are answered before connections are cut. */
  patience: number;
  close(): Promise<void>;
}

const when = '2026-01-01T00:00:00.000Z';
const at = { createdAt: when, updatedAt: when };

export const blob = Buffer.from([0, 1, 2, 253, 254, 255]);

export const catalogue = (): Record<string, unknown> => ({
  '/api/environments': {
    environments: [
      { id: 'env1', name: 'prod', displayName: 'Production', sshConfigured: true, ...at },
      { id: 'env2', name: 'empty', displayName: '', ...at },
      { id: 'env3', name: 'a/b', ...at },
    ],
  },
  ...nothing('env2'),
  ...nothing('env3'),
  '/api/environments/env1/registries': {
    registries: [
      {
        id: 'reg1',
        name: 'ghcr',
        type: 'generic',
        registryUrl: 'ghcr.io',
        username: 'ci',
        hasPassword: true,
        isDefault: true,
        refreshIntervalMinutes: 15,
        autoLinkPattern: 'acme/*',
        ...at,
      },
      {
        id: 'reg2',
        name: 'ocean',
        type: 'digitalocean',
        registryUrl: 'registry.digitalocean.com',
        repositoryPrefix: 'acme',
        hasToken: true,
        isDefault: false,
        ...at,
      },
    ],
  },
  '/api/environments/env1/container-images': {
    images: [
      {
        id: 'img1',
        name: 'Shop',
        imageName: 'ghcr.io/acme/shop',
        tagFilter: 'semver:^2',
        autoUpdate: true,
        registryConnectionId: 'reg1',
        ...at,
      },
      {
        id: 'img2',
        name: 'Linked to what stays',
        imageName: 'registry.digitalocean.com/acme/x',
        registryConnectionId: 'reg2',
        ...at,
      },
      { id: 'img3', name: 'Plain', imageName: '127.0.0.1:9/plain', ...at },
    ],
  },
  '/api/environments/env1/servers': {
    servers: [
      {
        id: 'srv1',
        name: 'web-1',
        hostname: '10.0.0.5',
        publicIp: '203.0.113.5',
        tags: '["b","a"]',
        dockerMode: 'ssh',
        status: 'healthy',
        ...at,
      },
      { id: 'srv2', name: 'web-2', hostname: '10.0.0.6', publicIp: '', tags: '[]', clusterId: 'cluster', ...at },
      { id: 'srv3', name: 'broken', hostname: '10.0.0.7', tags: '[1', ...at },
    ],
  },
  '/api/environments/env1/vars': {
    vars: [
      { id: 'var1', key: 'GREETING', value: 'hello\n"world"', description: 'said first', ...at },
      { id: 'var2', key: 'lower', value: 'x', description: null, ...at },
    ],
  },
  '/api/environments/env1/secrets': {
    secrets: [
      { id: 'sec1', key: 'TOKEN', description: null, neverReveal: false, ...at },
      { id: 'sec2', key: 'HIDDEN', neverReveal: true, ...at },
    ],
  },
  '/api/environments/env1/config-fragments': {
    fragments: [
      { id: 'frag1', name: 'head', content: '# head\n', description: '', ...at },
      { id: 'frag2', name: 'tail', content: '# tail\n', usedBy: [{ configFileId: 'file1', position: 0 }], ...at },
    ],
  },
  '/api/config-fragments/frag2': {
    fragment: { id: 'frag2', name: 'tail', content: '# tail\n', usedBy: [{ configFileId: 'file1', position: 0 }], ...at },
  },
  '/api/config-fragments/frag1': {
    fragment: { id: 'frag1', name: 'head', content: '# head\n', usedBy: [{ configFileId: 'file1', position: 1 }], ...at },
  },
  '/api/environments/env1/config-files': {
    configFiles: [
      { id: 'file1', name: 'app', filename: 'app.conf', isBinary: false, language: 'nginx', ...at },
      { id: 'file2', name: 'blob', filename: 'blob.bin', isBinary: true, ...at },
      { id: 'file3', name: 'lost', filename: 'lost.bin', isBinary: true, ...at },
    ],
  },
  '/api/config-files/file1': {
    configFile: {
      id: 'file1',
      name: 'app',
      filename: 'app.conf',
      content: 'a ${GREETING}\n',
      isBinary: false,
      language: 'nginx',
      autoResync: false,
      description: null,
      ...at,
    },
  },
  '/api/config-files/file2': {
    configFile: {
      id: 'file2',
      name: 'blob',
      filename: 'blob.bin',
      content: '',
      isBinary: true,
      mimeType: 'application/octet-stream',
      ...at,
    },
  },
  '/api/config-files/file2/content': blob,
  '/api/config-files/file3': { configFile: { id: 'file3', name: 'lost', filename: 'lost.bin', isBinary: true, ...at } },
  '/api/environments/env1/services': {
    services: [
      {
        id: 'svc1',
        name: 'shop',
        imageTag: '2.4.0',
        containerImageId: 'img1',
        serviceTypeId: 'type1',
        baseEnv: '{"A":"1"}',
        ...at,
      },
      {
        id: 'svc2',
        name: 'plain',
        containerImageId: 'img3',
        serviceDeployments: [],
        baseEnv: null,
        serviceTypeId: 'type2',
        serviceType: { id: 'type2', name: 'custom' },
        ...at,
      },
    ],
  },
  '/api/services/svc1': {
    service: {
      ...{
        id: 'svc1',
        name: 'shop',
        imageTag: '2.4.0',
        containerImageId: 'img1',
        baseEnv: '{"A":"1"}',
        deployStrategy: 'parallel',
      },
      ...{
        healthCheckUrl: 'http://localhost/health',
        composeTemplate: null,
        healthWaitMs: 1000,
        healthRetries: 2,
        healthIntervalMs: 500,
      },
      ...{ serviceTypeId: 'type1', serviceType: { id: 'type1', name: 'django' } },
      serviceDeployments: [
        {
          id: 'dep1',
          serverId: 'srv1',
          containerName: 'shop',
          composePath: null,
          envOverrides: '{"B":"2"}',
          exposedPorts: '[{"host":80}]',
        },
        { id: 'dep2', serverId: 'srv3', containerName: 'shop', envOverrides: null },
      ],
      ...at,
    },
  },
  '/api/services/svc1/files': {
    files: [
      { id: 'att1', serviceId: 'svc1', configFileId: 'file1', targetPath: '/etc/app.conf' },
      { id: 'att2', serviceId: 'svc1', configFileId: 'file1', serviceDeploymentId: 'dep1', targetPath: '/etc/other.conf' },
      { id: 'att3', serviceId: 'svc1', configFileId: 'file3', targetPath: '/etc/lost.bin' },
    ],
  },
});

const nothing = (id: string) =>
  Object.fromEntries(
    ['registries', 'servers', 'vars', 'secrets', 'services']
      .map((name) => [name, name] as const)
      .concat([
        ['container-images', 'images'],
        ['config-fragments', 'fragments'],
        ['config-files', 'configFiles'],
      ])
      .map(([path, member]) => [`/api/environments/${id}/${path}`, { [member]: [] }]),
  );

export async function startStandIn(): Promise<StandIn> {
  const standIn = { token: 'bp-token', answers: catalogue(), asked: [] as string[], patience: Number.POSITIVE_INFINITY };
  const reply = (response: ServerResponse, status: number, body: unknown) => {
    const isBytes = Buffer.isBuffer(body);
    response.writeHead(status, { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' });
    response.end(isBytes ? body : JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] as string;
    standIn.asked.push(`${request.method} ${path}`);
    if (standIn.patience-- <= 0) return request.socket.destroy();
    if (request.headers.authorization !== `Bearer ${standIn.token}`) return reply(response, 401, { error: 'Unauthorized' });
    if (!Object.hasOwn(standIn.answers, path)) return reply(response, 404, { error: 'Not found' });
    reply(response, 200, standIn.answers[path]);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
