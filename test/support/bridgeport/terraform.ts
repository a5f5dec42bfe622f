import { type BridgeportSdk, found, one, SdkError } from './sdk';

/**
 * The Terraform provider of BridgePort as far as a server sees it: for each of its resources what it sends, where it reads back,
 * and what of the answers it compares. `undefined` is what a configuration leaves out.
 */

export type Values = Record<string, any>;

interface Kind {
  /** Members that a configuration may set; those with `computed` take the answer's value when it does not. */
  configured: readonly string[];
  computed: readonly string[];
  create(sdk: BridgeportSdk, config: Values): Promise<Values>;
  /** As known by id, or by natural key alone, right behind an import. */
  read(sdk: BridgeportSdk, state: Values): Promise<Values | undefined>;
  update(sdk: BridgeportSdk, config: Values, state: Values): Promise<Values>;
  destroy(sdk: BridgeportSdk, state: Values): Promise<void>;
}

const blank = (value: string) => (value === '' ? undefined : value);
const filled = <T extends object>(value: T | undefined) => (value && Object.keys(value).length > 0 ? value : undefined);
const parsed = (text: string, prior: unknown) => {
  const value = text === '' ? undefined : JSON.parse(text);
  return filled(value) ?? (prior === undefined ? undefined : value);
};
const pick = (from: Values, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, from[name]]));

/** What an answer says of a resource, in the form of its configuration. */
function seen(object: Values, prior: Values): Values {
  const values: Values = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === 'tags' || name === 'baseEnv' || name === 'envOverrides') values[name] = parsed(value, prior[name]);
    else values[name] = optionalTexts.has(name) ? blank(value) : value;
  }
  return values;
}
const optionalTexts = new Set([
  ...['publicIp', 'repositoryPrefix', 'username', 'autoLinkPattern', 'registryConnectionId', 'latestTag', 'composeTemplate'],
  ...['healthCheckUrl', 'serviceTypeId', 'composePath', 'lastDeployedAt', 'description'],
]);

const inEnvironment = async (sdk: BridgeportSdk, { environment }: Values) => (await sdk.environment(environment)).id as string;

/** By id when it is known, else by natural key over the list. */
async function byId(
  sdk: BridgeportSdk,
  state: Values,
  list: () => Promise<any[]>,
  key: string,
  path: string,
  shape: any,
  member: string,
) {
  const id = state.id ?? found(await list(), key, state[key]).id;
  return (await sdk.get(`${path}/${id}`, shape))[member];
}

const server: Kind = {
  configured: ['name', 'hostname', 'publicIp', 'tags'],
  computed: ['id', 'environmentId', 'privateIp', 'status', 'createdAt'],
  async create(sdk, { name, hostname, publicIp, tags, ...at }) {
    const body = { name, hostname, publicIp, tags: filled(tags) };
    return (await sdk.post(`/api/environments/${await inEnvironment(sdk, at)}/servers`, body, one('server', 'server'))).server;
  },
  read: async (sdk, state) => found(await sdk.servers(await inEnvironment(sdk, state)), 'name', state.name),
  async update(sdk, { name, hostname, publicIp, tags }, state) {
    const body = { name, hostname, tags: filled(tags), publicIp: publicIp ?? (state.publicIp === undefined ? undefined : '') };
    return (await sdk.patch(`/api/servers/${state.id}`, body, one('server', 'server'))).server;
  },
  destroy: (sdk, { id }) => sdk.delete(`/api/servers/${id}`),
};

const registryMembers = ['name', 'type', 'registryUrl', 'repositoryPrefix', 'username', 'autoLinkPattern', 'isDefault'];
const registry: Kind = {
  configured: [...registryMembers, 'refreshIntervalMinutes'],
  computed: ['id', 'isDefault', 'refreshIntervalMinutes', 'hasToken', 'hasPassword', 'createdAt', 'updatedAt'],
  async create(sdk, config) {
    const body = pick(config, [...registryMembers, 'refreshIntervalMinutes', 'token', 'password']);
    return (await sdk.post(`/api/environments/${await inEnvironment(sdk, config)}/registries`, body, one('registry', 'registry')))
      .registry;
  },
  async read(sdk, state) {
    const all = await sdk.list(await inEnvironment(sdk, state), 'registries', 'registries', 'registry');
    const { _count, ...match } = found(all, 'name', state.name);
    return { ...match, imageCount: _count.containerImages };
  },
  // Credentials go only when their version changes.
  update: async (sdk, config, { id }) =>
    (
      await sdk.patch(
        `/api/registries/${id}`,
        pick(config, [...registryMembers, 'refreshIntervalMinutes']),
        one('registry', 'registry'),
      )
    ).registry,
  destroy: (sdk, { id }) => sdk.delete(`/api/registries/${id}`),
};

const image: Kind = {
  configured: ['name', 'imageName', 'tagFilter', 'registryConnectionId', 'autoUpdate'],
  computed: ['id', 'tagFilter', 'autoUpdate', 'currentTag', 'latestTag', 'updateAvailable', 'createdAt', 'updatedAt'],
  async create(sdk, config) {
    const body = pick(config, ['name', 'imageName', 'tagFilter', 'registryConnectionId']);
    const path = `/api/environments/${await inEnvironment(sdk, config)}/container-images`;
    const { image: made } = await sdk.post(path, body, one('image', 'image'));
    if (config.autoUpdate === undefined || config.autoUpdate === made.autoUpdate) return made;
    return (await sdk.patch(`/api/container-images/${made.id}`, { autoUpdate: config.autoUpdate }, one('image', 'image'))).image;
  },
  async read(sdk, state) {
    const list = async () => sdk.list(await inEnvironment(sdk, state), 'container-images', 'images', 'image');
    return byId(sdk, state, list, 'imageName', '/api/container-images', one('image', 'image'), 'image');
  },
  async update(sdk, { name, tagFilter, registryConnectionId, autoUpdate }, { id }) {
    // A filter that is left to the service is not known while a change is planned, and goes out as "".
    const body = { name, tagFilter: tagFilter ?? '', registryConnectionId, autoUpdate };
    return (await sdk.patch(`/api/container-images/${id}`, body, one('image', 'image'))).image;
  },
  destroy: (sdk, { id }) => sdk.delete(`/api/container-images/${id}`),
};

const tunables = ['serviceTypeId', 'healthWaitMs', 'healthRetries', 'healthIntervalMs'];
const serviceMembers = ['name', 'containerImageId', 'imageTag', 'composeTemplate', 'healthCheckUrl', 'deployStrategy'];
const service: Kind = {
  configured: [...serviceMembers, 'baseEnv', ...tunables],
  computed: [
    ...['id', 'environmentId', 'imageTag', 'deployStrategy', 'healthWaitMs', 'healthRetries', 'healthIntervalMs', 'createdAt'],
  ],
  async create(sdk, config) {
    const body = { ...pick(config, serviceMembers), baseEnv: filled(config.baseEnv) };
    const path = `/api/environments/${await inEnvironment(sdk, config)}/services`;
    const { service: made } = await sdk.post(path, body, one('service', 'service'));
    if (tunables.every((name) => config[name] === undefined)) return made;
    return (await sdk.patch(`/api/services/${made.id}`, pick(config, tunables), one('service', 'service'))).service;
  },
  async read(sdk, state) {
    if (state.id !== undefined) return (await sdk.get(`/api/services/${state.id}`, one('service', 'service'))).service;
    return found(await sdk.list(await inEnvironment(sdk, state), 'services', 'services', 'service'), 'name', state.name);
  },
  async update(sdk, config, { id }) {
    const body = { ...pick(config, [...serviceMembers, ...tunables]), baseEnv: filled(config.baseEnv) };
    return (await sdk.patch(`/api/services/${id}`, body, one('service', 'service'))).service;
  },
  destroy: (sdk, { id }) => sdk.delete(`/api/services/${id}`),
};

const placement: Kind = {
  configured: ['serviceId', 'serverId', 'containerName', 'composePath', 'envOverrides'],
  computed: ['id', 'status', 'containerStatus', 'healthStatus', 'discoveryStatus', 'lastDeployedAt'],
  async create(sdk, { serviceId, serverId, containerName, composePath, envOverrides }) {
    const body = { serverId, containerName, composePath, envOverrides: filled(envOverrides) };
    return (await sdk.post(`/api/services/${serviceId}/deployments`, body, one('deployment', 'deployment'))).deployment;
  },
  async read(sdk, { serviceId, id, serverId }) {
    const { service: parent } = await sdk.get(`/api/services/${serviceId}`, one('service', 'service'));
    return parent.serviceDeployments.find((each: Values) => (id === undefined ? each.serverId === serverId : each.id === id));
  },
  async update(sdk, { containerName, composePath, envOverrides }, { serviceId, id }) {
    const body = { containerName, composePath, envOverrides: filled(envOverrides) };
    return (await sdk.patch(`/api/services/${serviceId}/deployments/${id}`, body, one('deployment', 'deployment'))).deployment;
  },
  destroy: (sdk, { serviceId, id }) => sdk.delete(`/api/services/${serviceId}/deployments/${id}`),
};

const keyValue = (member: 'var' | 'secret', computed: string[], more: readonly string[]): Kind => ({
  configured: ['key', ...(member === 'var' ? ['value'] : []), 'description', ...more],
  computed: ['id', 'createdAt', 'updatedAt', ...computed],
  async create(sdk, config) {
    const body = pick(config, ['key', 'value', 'description', ...more]);
    return (await sdk.post(`/api/environments/${await inEnvironment(sdk, config)}/${member}s`, body, one(member, member)))[
      member
    ];
  },
  read: async (sdk, state) =>
    found(await sdk.list(await inEnvironment(sdk, state), `${member}s`, `${member}s`, member), 'key', state.key),
  async update(sdk, config, { id }) {
    // A description is always sent, and cleared by "".
    const body = { ...pick(config, ['value', ...more]), description: config.description ?? '' };
    return (await sdk.patch(`/api/${member}s/${id}`, body, one(member, member)))[member];
  },
  destroy: (sdk, { id }) => sdk.delete(`/api/${member}s/${id}`),
});

const text = (
  path: string,
  list: string,
  member: 'configFile' | 'fragment',
  names: readonly string[],
  computed: string[],
): Kind => ({
  configured: [...names, 'description'],
  computed: ['id', 'createdAt', 'updatedAt', ...computed],
  async create(sdk, config) {
    const body = { ...pick(config, [...names, 'description']), fragmentIds: filled(config.fragmentIds) };
    return (await sdk.post(`/api/environments/${await inEnvironment(sdk, config)}/${path}`, body, one(member, member)))[member];
  },
  async read(sdk, state) {
    const all = async () => sdk.list(await inEnvironment(sdk, state), path, list, member);
    return byId(sdk, state, all, 'name', `/api/${path}`, one(member, member), member);
  },
  async update(sdk, config, { id }) {
    const language = member === 'configFile' ? { language: config.language ?? '' } : {};
    const body = {
      ...pick(config, names),
      ...language,
      description: config.description ?? '',
      fragmentIds: filled(config.fragmentIds),
    };
    return (await sdk.patch(`/api/${path}/${id}`, body, one(member, member)))[member];
  },
  destroy: (sdk, { id }) => sdk.delete(`/api/${path}/${id}`),
});

export const kinds = {
  server,
  registry,
  image,
  service,
  placement,
  var: keyValue('var', [], []),
  secret: keyValue('secret', ['neverReveal'], ['neverReveal']),
  fragment: text('config-fragments', 'fragments', 'fragment', ['name', 'content'], []),
  file: text(
    'config-files',
    'configFiles',
    'configFile',
    ['name', 'filename', 'content', 'language'],
    ['language', 'syncStatus'],
  ),
} satisfies Record<string, Kind>;
export type KindName = keyof typeof kinds;

/** One resource of a configuration with what Terraform would keep of it. */
export class Managed {
  state: Values = {};
  private readonly kind: Kind;

  constructor(
    private readonly sdk: BridgeportSdk,
    readonly name: KindName,
    public config: Values,
  ) {
    this.kind = kinds[name];
  }

  /** Creates or updates; throws as Terraform does when the answer contradicts the configuration. */
  async apply(change: Values = {}): Promise<void> {
    Object.assign(this.config, change);
    const exists = this.state.id !== undefined;
    const answer = exists
      ? await this.kind.update(this.sdk, this.config, this.state)
      : await this.kind.create(this.sdk, this.config);
    const values = seen(answer, this.config);
    for (const name of this.kind.configured) {
      const wanted = this.config[name];
      if (this.kind.computed.includes(name) && wanted !== undefined && !same(wanted, values[name])) {
        throw new Error(`inconsistent result: ${this.name}.${name} was ${show(wanted)}, is ${show(values[name])}`);
      }
    }
    this.state = { ...this.config, ...pick(values, this.kind.computed) };
  }

  /** What a plan would change: refreshed values against the configuration, and computed ones against the state. */
  async plan(): Promise<string[]> {
    const read = await this.refresh();
    if (!read) return [`${this.name} is gone`];
    const values = seen(read, this.state);
    const drift: string[] = [];
    for (const name of this.kind.configured) {
      const wanted = this.config[name];
      const left = wanted === undefined && this.kind.computed.includes(name);
      if (!left && !same(wanted, values[name]))
        drift.push(`${this.name}.${name}: ${show(values[name])} is to be ${show(wanted)}`);
    }
    for (const name of this.kind.computed) {
      if (!same(this.state[name], values[name])) {
        drift.push(`${this.name}.${name}: was ${show(this.state[name])}, is ${show(values[name])}`);
      }
    }
    return drift;
  }

  /** Forgets all but the natural key, and takes up what is there. */
  async import(): Promise<void> {
    const key = { image: ['imageName'], placement: ['serviceId', 'serverId'], var: ['key'], secret: ['key'] } as Record<
      string,
      string[]
    >;
    this.state = pick(this.config, ['environment', ...(key[this.name] ?? ['name'])]);
    const read = await this.refresh();
    if (!read) throw new Error(`${this.name} cannot be imported`);
    this.state = { ...this.config, ...pick(seen(read, this.config), this.kind.computed) };
  }

  /** 404 means that it is gone already. */
  async destroy(): Promise<void> {
    await this.kind.destroy(this.sdk, this.state).catch(gone);
    this.state = {};
  }

  async refresh(): Promise<Values | undefined> {
    return this.kind.read(this.sdk, this.state).catch(gone);
  }
}

function gone(error: unknown): undefined {
  if (error instanceof SdkError && error.status === 404) return undefined;
  throw error;
}

const show = (value: unknown) => JSON.stringify(value);
const sorted = (value: unknown): unknown =>
  value && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : value;
const same = (left: unknown, right: unknown) => show(sorted(left)) === show(sorted(right));
