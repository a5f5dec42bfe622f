import type { Credential, Given, Product, Wait } from './step';
import { variable } from './text';

/** What a person sets before the walk; the last ones only where there is a registry. */
export const given: Given[] = [
  { name: 'baseUrl', value: 'http://127.0.0.1:3000', description: 'Where Portolan answers.' },
  { name: 'metricsUrl', value: 'http://127.0.0.1:9464', description: 'Where its metrics are (METRICS_HOST, METRICS_PORT).' },
  { name: 'adminEmail', value: 'admin@portolan.local', description: 'An administrator.' },
  { name: 'adminPassword', value: '', secret: true, description: 'Their password; the first start prints one.' },
  { name: 'registryUrl', value: 'http://127.0.0.1:5000', description: 'A registry that holds the image below.' },
  { name: 'registryHost', value: '127.0.0.1:5000', description: 'The same without the protocol, as image names have it.' },
  { name: 'registryUsername', value: 'ci', description: 'Who reads there; an open registry takes anybody.' },
  { name: 'registryPassword', value: 's3cret-s3cret', secret: true, description: 'Their password or token.' },
  { name: 'repository', value: 'acme/shop', description: 'An image of the registry …' },
  { name: 'repositoryInPath', value: 'acme%2Fshop', description: '… the same as a part of a path …' },
  { name: 'tag', value: '2.4.0', description: '… and a tag of it.' },
];

/** Names of the variable of one thing that is two nouns. */
export const sameThing: Record<string, string> = {
  // A space is an environment, and the process of an app has the guid of the app (docs/terms.md).
  spaceGuid: 'environmentId',
  processGuid: 'appGuid',
};

/** What the contract does not say of one operation. */
export interface Exception {
  why: string;
  /** Variables or texts of path parameters. */
  path?: Record<string, string>;
  query?: Record<string, string>;
  /** Members of the example's body that have another value here; undefined leaves one out. */
  body?: Record<string, unknown>;
  /** The whole body, where no member can be named. */
  wholeBody?: unknown;
  credential?: Credential;
  base?: string;
  statuses?: number[];
  /** In the place of what follows from the contract. */
  products?: Product[];
  wait?: Wait;
  needsRegistry?: true;
  asksForRegistry?: true;
  /** Operations that come before, though nothing of them is used. */
  after?: string[];
  /** Its id is behind the last thing that is deleted. */
  last?: true;
  /** The answer's ETag is kept for If-Match of the operation of this name. */
  etagFor?: string;
  /** Shows what a retry of a write needs. */
  idempotencyKey?: true;
}

const body = (name: string, ...place: (string | number)[]): Product => ({ variable: name, from: { body: place } });
const refused = 'It is always refused: droplets of docker apps have no bits, and nothing runs here yet.';
const registryLogin = { username: variable('registryUsername'), password: variable('registryPassword') };
const image = `${variable('registryHost')}/${variable('repository')}`;

/** Each with the reason why it does not follow from the contract. */
export const exceptions: Record<string, Exception> = {
  login: {
    why: 'The administrator is the one of this installation; all other requests send the token.',
    body: { email: variable('adminEmail'), password: variable('adminPassword') },
    products: [body('token', 'token')],
  },
  logout: { why: 'It ends the token of all other requests.', last: true },
  createOauthToken: {
    why: 'The client is named by HTTP Basic, as cf does it.',
    body: {
      username: variable('adminEmail'),
      password: variable('adminPassword'),
      client_id: undefined,
      client_secret: undefined,
    },
    credential: { kind: 'basic', user: 'cf', password: '' },
    products: [body('oauthToken', 'access_token'), body('oauthTokenJti', 'jti')],
  },
  revokeOauthToken: {
    why: 'An access token ends itself.',
    path: { jti: variable('oauthTokenJti') },
    credential: { kind: 'bearer', variable: 'oauthToken' },
  },
  getMetricsExposition: { why: 'Metrics have a listener of their own.', base: 'metricsUrl' },
  streamEvents: { why: 'A stream that is followed has no end.', query: { follow: 'false' } },

  createEnvironment: { why: 'A write that can be sent again.', idempotencyKey: true },
  getEnvironment: { why: 'Its ETag is what If-Match wants.', etagFor: 'updateEnvironment' },
  getService: { why: 'Its ETag is what If-Match wants.', etagFor: 'updateService' },
  getEnvironmentSshKey: { why: 'There is a key once one is set.', after: ['setEnvironmentSsh'] },
  resetEnvironmentSettings: { why: 'It takes back what was set.', after: ['updateEnvironmentSettings'] },
  resetSystemSettings: { why: 'It takes back what was set.', after: ['updateSystemSettings'] },

  createRegistry: {
    why: 'The registry is the one that answers here.',
    body: { registryUrl: variable('registryUrl'), ...registryLogin },
  },
  updateRegistry: { why: 'The registry is to answer afterwards too.', body: { password: variable('registryPassword') } },
  testRegistry: {
    why: 'What it answers tells whether there is a registry.',
    body: { repository: variable('repository') },
    asksForRegistry: true,
    after: ['updateRegistry'],
  },
  listRepositoryTags: { why: 'The repository is one of this registry.', path: { repo: variable('repositoryInPath') } },
  createContainerImage: { why: 'The image is one of this registry.', body: { imageName: image } },
  checkRegistryUpdates: {
    why: 'The operation that it begins is the one to look at; it has to find an image.',
    products: [body('operationId', 'operation', 'id')],
    after: ['createContainerImage'],
  },
  cancelOperation: {
    why: 'Quick work has ended before anybody cancels it.',
    statuses: [202, 409],
    after: ['checkRegistryUpdates'],
  },
  getOperation: {
    why: 'An environment is not deleted while work goes on in it.',
    wait: { member: ['operation', 'state'], while: ['queued', 'running'], until: 'finished' },
    after: ['cancelOperation'],
  },
  listImageDigests: {
    why: 'Digests are known once the image was checked.',
    needsRegistry: true,
    after: ['checkContainerImageUpdates'],
  },

  createService: { why: 'The tag is one of this registry.', body: { imageTag: variable('tag') } },
  updateService: { why: 'The tag is one of this registry.', body: { imageTag: variable('tag') } },
  createServiceType: {
    why: 'The commands that it brings are ordered later.',
    products: [body('serviceTypeId', 'serviceType', 'id'), body('firstServiceTypeCommandId', 'serviceType', 'commands', 0, 'id')],
  },
  createDatabaseType: {
    why: 'The commands that it brings are ordered later.',
    products: [
      body('databaseTypeId', 'databaseType', 'id'),
      body('firstDatabaseTypeCommandId', 'databaseType', 'commands', 0, 'id'),
    ],
  },
  reorderServiceTypeCommands: {
    why: 'It names each command of the type.',
    wholeBody: [variable('serviceTypeCommandId'), variable('firstServiceTypeCommandId')],
  },
  reorderDatabaseTypeCommands: {
    why: 'It names each command of the type.',
    wholeBody: [variable('databaseTypeCommandId'), variable('firstDatabaseTypeCommandId')],
  },
  listServiceTypes: {
    why: 'Only shipped types can be reset.',
    query: { source: 'shipped' },
    products: [body('shippedServiceTypeId', 'serviceTypes', 0, 'id')],
  },
  listDatabaseTypes: {
    why: 'Only shipped types can be reset.',
    query: { source: 'shipped' },
    products: [body('shippedDatabaseTypeId', 'databaseTypes', 0, 'id')],
  },
  resetServiceType: { why: 'Only shipped types can be reset.', path: { id: variable('shippedServiceTypeId') } },
  resetDatabaseType: { why: 'Only shipped types can be reset.', path: { id: variable('shippedDatabaseTypeId') } },

  listConfigFileHistory: {
    why: 'A version is kept once the file was changed.',
    products: [body('configFileVersionId', 'history', 0, 'id')],
    after: ['updateConfigFile'],
  },
  restoreConfigFileVersion: { why: 'A version is found in the history.', path: { historyId: variable('configFileVersionId') } },
  replaceConfigAsset: { why: 'Only a binary file is replaced.', path: { id: variable('configAssetId') } },

  createPackage: {
    why: 'The image is one of this registry.',
    body: { data: { image: `${image}:${variable('tag')}`, ...registryLogin } },
  },
  updatePackage: { why: 'The registry is to answer afterwards too.', body: { password: variable('registryPassword') } },
  getBuild: {
    why: 'The droplet is there when the image was looked up.',
    wait: { member: ['state'], while: ['STAGING'], until: 'STAGED' },
    needsRegistry: true,
    products: [body('dropletGuid', 'droplet', 'guid')],
    after: ['updatePackage'],
  },
  createBuild: { why: 'The image of the build is followed already.', after: ['createContainerImage'] },
  scaleProcess: {
    why: 'An app is a service, and this one has the one placement that it is scaled to.',
    path: { guid: variable('serviceId') },
    after: ['createServiceDeployment'],
  },
  createDroplet: {
    why: 'It copies; droplets that are no copy come from builds.',
    query: { source_guid: variable('dropletGuid') },
    products: [body('copiedDropletGuid', 'guid')],
  },
  deleteDroplet: { why: 'A droplet that is current stays.', path: { guid: variable('copiedDropletGuid') } },
  getCurrentDropletForApp: {
    why: 'An app has one once it is set.',
    needsRegistry: true,
    after: ['setCurrentDropletForApp'],
  },
  getCurrentDropletAssociationForApp: {
    why: 'An app has one once it is set.',
    needsRegistry: true,
    after: ['setCurrentDropletForApp'],
  },
  uploadDroplet: { why: refused, statuses: [422] },
  downloadDroplet: { why: refused, statuses: [422] },
  startApp: { why: refused, statuses: [422], after: ['setCurrentDropletForApp'] },
  stopApp: { why: refused, statuses: [422] },
  restartApp: { why: refused, statuses: [422], after: ['setCurrentDropletForApp'] },
  getJob: {
    why: 'A deletion is over when its job is complete.',
    path: { guid: variable('jobGuid') },
    wait: { member: ['state'], while: ['PROCESSING', 'POLLING'], until: 'COMPLETE' },
  },
};

/** Second calls of an operation, so that nothing is left behind. */
export interface Extra {
  operationId: string;
  /** What it is for. */
  name: string;
  exception: Exception;
}
export const extras: Extra[] = [
  {
    operationId: 'deleteConfigFile',
    name: 'the uploaded file',
    exception: { why: 'An uploaded file is a config file too.', path: { id: variable('configAssetId') } },
  },
  {
    operationId: 'updateOrganization',
    name: 'the label away',
    exception: {
      why: 'The organization stays, and keeps no label of the walk.',
      body: { metadata: { labels: { region: null } } },
    },
  },
];
