import fc from 'fast-check';
import { connectionFor, connectionHost, type LinkableConnection, linkReason } from '../../../src/domain/registries/connectionFor';

const connection = (name: string, parts: Partial<LinkableConnection> = {}): LinkableConnection => ({
  id: `id-${name}`,
  name,
  type: 'generic',
  registryUrl: 'ghcr.io',
  repositoryPrefix: null,
  isDefault: false,
  autoLinkPattern: null,
  ...parts,
});
const ghcr = connection('ghcr');
const hub = connection('hub', { type: 'dockerhub', registryUrl: 'docker.io' });
const local = connection('local', { registryUrl: 'http://127.0.0.1:3955' });
const ocean = connection('ocean', {
  type: 'digitalocean',
  registryUrl: 'https://api.digitalocean.com',
  repositoryPrefix: 'acme',
});

const choose = (imageName: string, connections: LinkableConnection[], linked?: LinkableConnection) => {
  const { connection: chosen, ...choice } = connectionFor({ imageName, registryConnectionId: linked?.id ?? null }, connections);
  return { ...choice, connection: chosen?.name ?? null };
};

describe('the linked connection', () => {
  test.each([
    ['a name without host takes its host', 'acme/api', local, '127.0.0.1:3955/acme/api'],
    ['… and no library/ where that is not Docker Hub', 'api', local, '127.0.0.1:3955/api'],
    ['… and its prefix', 'api', ocean, 'registry.digitalocean.com/acme/api'],
    ['… unless it is already there', 'acme/api', ocean, 'registry.digitalocean.com/acme/api'],
    ['a prefix is whole parts', 'acmeco/api', ocean, 'registry.digitalocean.com/acme/acmeco/api'],
    ['Docker Hub keeps library/', 'nginx', hub, 'docker.io/library/nginx'],
    ['Docker Hub with a prefix', 'api', { ...hub, repositoryPrefix: '/acme/' }, 'docker.io/acme/api'],
    [
      'a mirror of Docker Hub',
      'nginx',
      { ...hub, registryUrl: 'https://mirror.example.com' },
      'mirror.example.com/library/nginx',
    ],
    ['the same host written out', 'ghcr.io/acme/api', { ...ghcr, repositoryPrefix: 'beta' }, 'ghcr.io/acme/api'],
    ['the usual port written out', 'ghcr.io:443/acme/api', ghcr, 'ghcr.io:443/acme/api'],
    ['another name of Docker Hub', 'index.docker.io/acme/api', hub, 'docker.io/acme/api'],
  ])('%s: %s', (_, imageName, linked, repository) => {
    expect(choose(imageName, [ghcr, connection('other'), linked], linked)).toEqual({
      link: 'explicit',
      connection: linked.name,
      repository,
    });
  });

  test.each([
    ['quay.io/acme/api', ghcr],
    ['docker.io/acme/api', ghcr],
    ['127.0.0.1:3956/acme/api', local],
    ['127.0.0.1:443/acme/api', local],
    ['ghcr.io/acme/api', { ...ghcr, registryUrl: 'http://ghcr.io:5000' }],
  ])('%s does not belong to it and is not read', (imageName, linked) => {
    expect(choose(imageName, [linked], linked)).toEqual({
      link: 'explicit',
      connection: linked.name,
      repository: imageName,
      mismatch: 'host_mismatch',
    });
  });

  test('wins over a closer pattern', () => {
    const close = connection('close', { autoLinkPattern: 'acme/api' });
    expect(choose('ghcr.io/acme/api', [close, ghcr], ghcr)).toMatchObject({ link: 'explicit', connection: 'ghcr' });
  });
});

describe('connections of the same host', () => {
  const acme = connection('acme', { autoLinkPattern: 'acme/*' });
  const shop = connection('shop', { autoLinkPattern: 'acme/shop*' });

  test.each([
    ['the pattern with most literal characters', 'ghcr.io/acme/shop', [acme, ghcr, shop], 'pattern', 'shop'],
    ['a pattern before none', 'ghcr.io/acme/api', [ghcr, acme, shop], 'pattern', 'acme'],
    ['one without pattern when no pattern takes it', 'ghcr.io/beta/api', [acme, ghcr, shop], 'host', 'ghcr'],
    ['none when every pattern leaves it out', 'ghcr.io/beta/api', [acme, shop], 'none', null],
    ['none of another host', 'quay.io/acme/api', [acme, ghcr, hub, local], 'none', null],
    [
      'a tie goes to the default',
      'ghcr.io/acme/api',
      [acme, { ...acme, id: 'x', name: 'zulu', isDefault: true }],
      'pattern',
      'zulu',
    ],
    ['then to the name', 'ghcr.io/beta/api', [connection('beta'), connection('Beta'), connection('alpha')], 'host', 'Beta'],
    ['Docker Hub for a name without host', 'nginx', [ghcr, hub], 'host', 'hub'],
    ['a pattern sees library/', 'nginx', [{ ...hub, autoLinkPattern: 'library/*' }], 'pattern', 'hub'],
    [
      'a generic connection to a name of Docker Hub',
      'acme/api',
      [connection('mine', { registryUrl: 'https://index.docker.io/v1/' })],
      'host',
      'mine',
    ],
    ['the port counts', '127.0.0.1:3955/acme/api', [connection('bare', { registryUrl: '127.0.0.1' }), local], 'host', 'local'],
    [
      'a URL that cannot be read serves nothing',
      'ghcr.io/acme/api',
      [connection('bad', { registryUrl: 'ftp://ghcr.io' })],
      'none',
      null,
    ],
  ])('%s', (_, imageName, connections, link, name) => {
    expect(choose(imageName, connections)).toMatchObject({ link, connection: name });
  });

  test('a prefix never turns an official image into another one', () => {
    expect(choose('nginx', [{ ...hub, repositoryPrefix: 'acme' }])).toEqual({
      link: 'host',
      connection: 'hub',
      repository: 'docker.io/library/nginx',
    });
  });
});

describe('the default connection', () => {
  const standard = { ...local, isDefault: true, autoLinkPattern: 'acme/*' };

  test('takes a name without host that its pattern takes', () => {
    expect(choose('acme/api', [ghcr, standard])).toEqual({
      link: 'default',
      connection: 'local',
      repository: '127.0.0.1:3955/acme/api',
    });
  });

  test('completes the name with its prefix', () => {
    expect(choose('api', [{ ...ocean, isDefault: true, autoLinkPattern: 'acme/**' }])).toEqual({
      link: 'default',
      connection: 'ocean',
      repository: 'registry.digitalocean.com/acme/api',
    });
  });

  test.each([
    ['its pattern does not take it', 'beta/api', standard],
    ['it has no pattern', 'acme/api', { ...standard, autoLinkPattern: null }],
    ['it is not the default', 'acme/api', { ...standard, isDefault: false }],
    [
      'it is Docker Hub under another name',
      'acme/api',
      { ...hub, registryUrl: 'mirror.example.com', isDefault: true, autoLinkPattern: '**' },
    ],
  ])('is not used when %s', (_, imageName, candidate) => {
    expect(choose(imageName, [candidate])).toMatchObject({
      link: 'none',
      connection: null,
      repository: `docker.io/${imageName}`,
    });
  });

  test('is not used for a name with another host', () => {
    expect(choose('quay.io/acme/api', [standard])).toEqual({
      link: 'none',
      connection: null,
      repository: 'quay.io/acme/api',
    });
  });

  test('comes after a connection to Docker Hub', () => {
    expect(choose('acme/api', [standard, hub])).toMatchObject({ link: 'host', connection: 'hub' });
  });
});

test.each([
  ['digitalocean', 'example', 'example'],
  ['digitalocean', 'https://cloud.digitalocean.com/registry', 'registry.digitalocean.com'],
  ['digitalocean', 'notdigitalocean.com', 'notdigitalocean.com'],
  ['dockerhub', 'https://hub.docker.com', 'docker.io'],
  ['dockerhub', 'docker.com', 'docker.io'],
  ['generic', 'registry-1.docker.io', 'docker.io'],
  ['generic', 'cloud.docker.com', 'cloud.docker.com'],
  ['generic', 'http://', undefined],
] as const)('%s at %s serves %s', (type, registryUrl, host) => {
  expect(connectionHost({ type, registryUrl })).toBe(host);
});

test('the order of the connections makes no difference', () => {
  const some = fc.record({
    id: fc.uuid(),
    name: fc.constantFrom('a', 'b', 'B', 'c'),
    type: fc.constantFrom('generic', 'dockerhub', 'digitalocean'),
    registryUrl: fc.constantFrom('ghcr.io', 'docker.io', 'https://ghcr.io', 'registry.digitalocean.com', 'bad url'),
    repositoryPrefix: fc.constantFrom(null, 'acme'),
    isDefault: fc.boolean(),
    autoLinkPattern: fc.constantFrom(null, 'acme/*', '*/shop', '**', 'beta/?'),
  }) as fc.Arbitrary<LinkableConnection>;
  const names = fc.constantFrom(
    'nginx',
    'acme/shop',
    'ghcr.io/acme/shop',
    'ghcr.io/beta/x',
    'registry.digitalocean.com/acme/shop',
  );
  const given = fc
    .uniqueArray(some, { selector: ({ id }) => id, maxLength: 6 })
    .chain((connections) =>
      fc.tuple(fc.constant(connections), fc.shuffledSubarray(connections, { minLength: connections.length }), fc.nat(6)),
    );
  fc.assert(
    fc.property(names, given, (imageName, [connections, shuffled, linked]) => {
      const image = { imageName, registryConnectionId: connections[linked]?.id ?? null };
      expect(connectionFor(image, shuffled)).toEqual(connectionFor(image, connections));
    }),
    { numRuns: 1000 },
  );
});

describe('the reason of a choice', () => {
  const reason = (imageName: string, connections: LinkableConnection[], linked?: LinkableConnection) =>
    linkReason(connectionFor({ imageName, registryConnectionId: linked?.id ?? null }, connections));
  const patterned = connection('team', { autoLinkPattern: 'acme/*' });

  test.each([
    ['explicit', reason('ghcr.io/acme/api', [ghcr], ghcr), 'The image is linked to "ghcr".'],
    [
      'pattern',
      reason('ghcr.io/acme/api', [ghcr, patterned]),
      '"team" is for ghcr.io, and its autoLinkPattern "acme/*" takes acme/api.',
    ],
    ['host', reason('ghcr.io/acme/api', [ghcr]), '"ghcr" is for ghcr.io, and has no autoLinkPattern.'],
    [
      'default',
      reason('acme/api', [{ ...local, isDefault: true, autoLinkPattern: 'acme/*' }]),
      '"local" is the default connection, and its autoLinkPattern "acme/*" takes acme/api.',
    ],
    ['none', reason('quay.io/a/b', [ghcr]), 'No connection of this environment serves quay.io/a/b; it is read anonymously.'],
    [
      'mismatch',
      reason('quay.io/a/b', [ghcr], ghcr),
      'The image is linked to "ghcr", which is for another host than quay.io; it is not read.',
    ],
  ])('%s', (_, told, expected) => {
    expect(told).toBe(expected);
  });
});
