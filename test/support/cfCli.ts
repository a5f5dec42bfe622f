import { setTimeout as delay } from 'node:timers/promises';
import { type Came, CfError, claimsOf, resultOf, type Sent, sendAsCf } from './cfHttp';
import * as shapes from './cfShapes';
import { decoded, goQuery, goTime, type Shape } from './goDecoding';

/**
 * The `cf` command line v8, as far as a server sees it: each command sends the requests of the real one, in its order and
 * with its headers, and decodes what it reads as strictly. It prints nothing; it gives what it would print.
 */

/** The real ones wait 3 s between looks at a job, and 5 s at a build. */
const pollMs = 50;
const pollForMs = 30_000;
/** Ids in one query. */
const batchSize = 200;
const refreshMarginSeconds = 60;
const clientBasic = `Basic ${Buffer.from('cf:').toString('base64')}`;

interface Target {
  guid: string;
  name: string;
}
interface Wish {
  query?: Record<string, string>;
  body?: object;
}

export class CfCli {
  /** Everything that was sent, in order. */
  readonly sent: Sent[] = [];
  accessToken = '';
  refreshToken = '';
  org: Target = { guid: '', name: '' };
  space: Target = { guid: '', name: '' };
  apiVersion = '';
  private url = '';
  private login = '';
  /** Of the client credentials grant; null after a password. */
  private credentials: { id: string; secret: string } | null = null;

  /** Lines of what was sent since the last look. */
  lines(): string[] {
    return this.sent.splice(0).map(({ line }) => line);
  }

  // Commands -----------------------------------------------------------------------------------------------------------

  async api(url: string): Promise<void> {
    this.url = url.replace(/\/+$/, '');
    const { links, cf_on_k8s: onKubernetes } = await this.read('GET', `${this.url}/`, shapes.root);
    if (onKubernetes) throw new Error('cf would sign in to Kubernetes');
    const { version } = links.cloud_controller_v3.meta;
    if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`no semantic version: ${version}`);
    if (!links.login.href || !links.uaa.href) throw new Error('no place to sign in');
    [this.apiVersion, this.login] = [version, links.login.href];
    [this.accessToken, this.refreshToken] = ['', ''];
  }

  /** `cf login -a -u -p [-o] [-s]`. */
  async signIn(url: string, user: string, password: string, org?: string, space?: string): Promise<void> {
    await this.api(url);
    const { prompts } = await this.read('GET', `${this.login}/login`, shapes.prompts, {}, { ofTokenService: true });
    if (prompts.username?.[0] !== 'text' || prompts.password?.[0] !== 'password') throw new Error('cf would not ask for both');
    await this.auth(user, password);
    const found = org ? await this.organizationByName(org) : this.only(await this.orgs());
    if (!found) return;
    this.org = found;
    const inside = space ? await this.spaceByName(space) : this.only(await this.spaces());
    if (inside) this.space = inside;
  }

  /** `cf auth USER PASSWORD`. */
  async auth(username: string, password: string): Promise<void> {
    this.credentials = null;
    await this.grant({ grant_type: 'password', username, password }, clientBasic);
  }

  /** `cf auth ID SECRET --client-credentials`. */
  async authAsClient(id: string, secret: string): Promise<void> {
    this.credentials = { id, secret };
    await this.grant({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
  }

  /** `cf target -o ORG -s SPACE`. */
  async target(org: string, space: string): Promise<void> {
    this.user();
    this.org = await this.organizationByName(org);
    this.space = await this.spaceByName(space);
  }

  orgs(labels?: string): Promise<any[]> {
    return this.list('/v3/organizations', shapes.organization, { order_by: 'name', per_page: '5000', ...selector(labels) });
  }

  spaces(labels?: string): Promise<any[]> {
    const query = { order_by: 'name', organization_guids: this.org.guid, per_page: '5000', ...selector(labels) };
    return this.list('/v3/spaces', shapes.space, query);
  }

  /** `cf apps [--labels SELECTOR]`: apps with their running and all instances. */
  async apps(labels?: string) {
    const query = { order_by: 'name', per_page: '5000', space_guids: this.space.guid, ...selector(labels) };
    const apps = await this.list('/v3/apps', shapes.app, query);
    const guids = apps.map(({ guid }) => guid);
    const processes: any[] = [];
    for (const batch of batches(guids)) {
      const embedded = { app_guids: batch, embed: 'process_instances' };
      processes.push(...(await this.list('/v3/processes', shapes.process, embedded)));
    }
    const routes: any[] = [];
    for (const batch of batches(guids)) routes.push(...(await this.list('/v3/routes', shapes.route, { app_guids: batch })));
    return apps.map((app) => {
      const own = processes.filter(({ relationships }) => relationships.app.data.guid === app.guid);
      const instances = own.flatMap((one) => one.process_instances);
      const running = instances.filter(({ state }: { state: string }) => state === 'RUNNING').length;
      const types = own.map(({ type }) => type);
      return { name: app.name, state: app.state, types, running, instances: instances.length, routes: routes.length };
    });
  }

  /** `cf app NAME`. */
  async app(name: string) {
    const app = await this.appByName(name);
    const at = `/v3/apps/${app.guid}`;
    const processes = await this.list(`${at}/processes`, shapes.process);
    const instances: any[] = [];
    for (const { guid } of processes) {
      await this.list(`/v3/processes/${guid}/sidecars`, shapes.sidecar);
      instances.push(...(await this.list(`/v3/processes/${guid}/stats`, shapes.instance)));
    }
    const routes = await this.list(`${at}/routes`, shapes.route);
    const droplet = await this.currentDroplet(app.guid);
    const active = { app_guids: app.guid, order_by: '-created_at', page: '1', per_page: '1', status_values: 'ACTIVE' };
    const [deployment] = await this.list('/v3/deployments', shapes.deployment, active);
    if (droplet) goTime(droplet.created_at);
    const running = instances.filter(({ state }) => state === 'RUNNING').length;
    return { app, processes, instances, running, routes, droplet, deployment };
  }

  /** `cf droplets APP`: those of the app, with a mark on the current one. */
  async droplets(name: string) {
    const app = await this.appByName(name);
    const droplets = await this.list('/v3/droplets', shapes.droplet, { app_guids: app.guid, order_by: '-created_at' });
    if (droplets.length === 0) return [];
    const current = await this.currentDroplet(app.guid);
    return droplets.map((droplet) => ({ ...droplet, at: goTime(droplet.created_at), current: droplet.guid === current?.guid }));
  }

  async setDroplet(name: string, guid: string): Promise<void> {
    const app = await this.appByName(name);
    const path = `${this.url}/v3/apps/${app.guid}/relationships/current_droplet`;
    const { data } = await this.read('PATCH', path, shapes.relationship, { body: { data: { guid } } });
    if (data.guid !== guid) throw new Error(`${data.guid} became current`);
  }

  /** `cf create-app NAME [--app-type docker]`. */
  async createApp(name: string, type?: 'docker') {
    const lifecycle = type ? { lifecycle: { type, data: {} } } : {};
    const body = { name, relationships: { space: { data: { guid: this.space.guid } } }, ...lifecycle };
    return this.read('POST', `${this.url}/v3/apps`, shapes.app, { body });
  }

  /** `cf create-package APP -o IMAGE`. */
  async createPackage(name: string, image: string) {
    const app = await this.appByName(name);
    const body = { relationships: { app: { data: { guid: app.guid } } }, type: 'docker', data: { image } };
    const made = await this.read('POST', `${this.url}/v3/packages`, shapes.pkg, { body });
    if (made.state === 'READY') return made;
    return this.poll(`${this.url}/v3/packages/${made.guid}`, shapes.pkg, ({ state }) =>
      ['READY', 'FAILED', 'EXPIRED'].includes(state),
    );
  }

  /** `cf stage-package APP [--package-guid GUID]`: the droplet. */
  async stagePackage(name: string, packageGuid?: string) {
    let guid = packageGuid;
    if (!guid) {
      const { guid: appGuid } = await this.appByName(name);
      const query = { app_guids: appGuid, order_by: '-created_at', page: '1', per_page: '1', states: 'READY' };
      const [newest] = await this.list('/v3/packages', shapes.pkg, query);
      if (!newest) throw new Error(`Package not found for app ${name}`);
      guid = newest.guid as string;
    }
    const app = await this.appByName(name);
    const packages = await this.list('/v3/packages', shapes.pkg, { app_guids: app.guid });
    if (!packages.some((one) => one.guid === guid)) throw new Error(`Package with guid '${guid}' not found in app '${name}'.`);
    const body = { package: { guid } };
    const begun = await this.read('POST', `${this.url}/v3/builds`, shapes.build, { body });
    const build = await this.poll(`${this.url}/v3/builds/${begun.guid}`, shapes.build, ({ state }) => state !== 'STAGING');
    if (build.state === 'FAILED') throw new Error(`Error staging application: ${build.error}`);
    const droplet = await this.read('GET', `${this.url}/v3/droplets/${build.droplet.guid}`, shapes.droplet);
    goTime(droplet.created_at);
    return droplet;
  }

  /** `cf set-label` and, with null, `cf unset-label`. */
  async setLabel(kind: 'app' | 'space' | 'org', name: string, labels: Record<string, string | null>) {
    const { guid } = await this.resource(kind, name);
    const path = { app: `/v3/apps/${guid}`, space: `/v3/spaces/${guid}`, org: `/v3/organizations/${guid}/` }[kind];
    await this.read('PATCH', this.url + path, shapes.labelled, { body: { metadata: { labels } } });
  }

  async labels(kind: 'app' | 'space' | 'org', name: string): Promise<Record<string, string>> {
    return (await this.resource(kind, name)).metadata.labels;
  }

  async delete(name: string): Promise<void> {
    const { guid } = await this.appByName(name);
    const came = await this.call('DELETE', `${this.url}/v3/apps/${guid}`);
    resultOf(came);
    await this.waitForJob(came.headers.location as string);
  }

  /** `cf curl PATH [-X METHOD] [-d DATA]`: what came, as it came. */
  curl(path: string, method = 'GET', data?: string): Promise<Came> {
    return this.call(method, `${this.url}/${path.replace(/^\/+/, '')}`, data);
  }

  /** The claims that commands decode: all of them text, or `cf` crashes. */
  user(): { name: string; id: string; origin: string } {
    const claims = claimsOf(this.accessToken) ?? {};
    const names = this.credentials ? ['client_id'] : ['user_name', 'user_id', 'origin'];
    for (const name of names) if (typeof claims[name] !== 'string') throw new Error(`interface conversion: ${name} is no text`);
    return { name: String(claims.user_name ?? claims.client_id), id: String(claims.user_id), origin: String(claims.origin) };
  }

  /** Looks at a job until it has ended. */
  async waitForJob(url: string): Promise<void> {
    if (!/^https?:\/\//.test(url)) throw new Error(`unsupported protocol scheme in ${url}`);
    const job = await this.poll(url, shapes.job, ({ state }) => state === 'COMPLETE' || state === 'FAILED');
    if (job.state === 'FAILED') throw new CfError(0, job.errors[0].title, job.errors[0].detail, job.errors[0].code);
  }

  // How it asks --------------------------------------------------------------------------------------------------------

  private async resource(kind: 'app' | 'space' | 'org', name: string) {
    if (kind === 'app') return this.appByName(name);
    return kind === 'space' ? this.spaceByName(name) : this.organizationByName(name);
  }

  private async appByName(name: string) {
    const [app] = await this.list('/v3/apps', shapes.app, { names: name, space_guids: this.space.guid });
    if (!app) throw new Error(`App '${name}' not found.`);
    return app;
  }

  private async organizationByName(name: string) {
    const [org] = await this.list('/v3/organizations', shapes.organization, { names: name, page: '1', per_page: '1' });
    if (!org) throw new Error(`Organization '${name}' not found.`);
    return org;
  }

  private async spaceByName(name: string) {
    const query = { names: name, organization_guids: this.org.guid, page: '1', per_page: '1' };
    const [space] = await this.list('/v3/spaces', shapes.space, query);
    if (!space) throw new Error(`Space '${name}' not found.`);
    return space;
  }

  private only = (all: any[]): any => (all.length === 1 ? all[0] : undefined);

  /** Exactly this text of a 404 means that there is none. */
  private async currentDroplet(appGuid: string) {
    try {
      return await this.read('GET', `${this.url}/v3/apps/${appGuid}/droplets/current`, shapes.droplet);
    } catch (error) {
      if (error instanceof CfError && error.detail === 'Droplet not found') return undefined;
      throw error;
    }
  }

  /** All pages of a list, by the absolute address of the next one. A query that asks for one page gets one. */
  private async list(path: string, of: Shape, query: Record<string, string> = {}): Promise<any[]> {
    const rows: any[] = [];
    let url = `${this.url}${path}${Object.keys(query).length > 0 ? `?${goQuery(query)}` : ''}`;
    for (;;) {
      const { pagination, resources } = await this.read('GET', url, shapes.page(of));
      rows.push(...resources);
      if (!pagination.next.href || query.page) return rows;
      url = pagination.next.href;
    }
  }

  private async poll(url: string, shape: Shape, isOver: (value: any) => boolean) {
    for (const end = Date.now() + pollForMs; ; await delay(pollMs)) {
      const value = await this.read('GET', url, shape);
      if (isOver(value)) return value;
      if (Date.now() > end) throw new Error(`Timed out: ${JSON.stringify(value)}`);
    }
  }

  private async read(method: string, url: string, shape: Shape, wish: Wish = {}, { ofTokenService = false } = {}) {
    const body = wish.body && JSON.stringify(wish.body);
    const came = ofTokenService ? await this.callTokenService(method, url) : await this.call(method, url, body);
    return decoded(resultOf(came), shape);
  }

  private async call(method: string, url: string, body?: string): Promise<Came> {
    await this.refreshIfNeeded(url);
    const authorization = this.accessToken ? { Authorization: `bearer ${this.accessToken}` } : {};
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json', ...authorization };
    return sendAsCf(this.sent, method, url, headers, body);
  }

  private callTokenService(method: string, url: string, form?: Record<string, string>, basic?: string): Promise<Came> {
    const headers = {
      Accept: 'application/json',
      Connection: 'close',
      ...(form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
      ...(basic ? { Authorization: basic } : {}),
    };
    return sendAsCf(this.sent, method, url, headers, form && goQuery(form));
  }

  /** Before a call, never after a 401: when the token is no JWT, or has less than a minute left. */
  private async refreshIfNeeded(url: string): Promise<void> {
    if (this.accessToken === '' || url === `${this.url}/`) return;
    const expires = claimsOf(this.accessToken)?.exp;
    if (typeof expires === 'number' && expires - Date.now() / 1000 > refreshMarginSeconds) return;
    if (this.credentials) {
      const { id, secret } = this.credentials;
      return this.grant({ client_id: id, client_secret: secret, grant_type: 'client_credentials' });
    }
    const form = { client_id: 'cf', client_secret: '', grant_type: 'refresh_token', refresh_token: this.refreshToken };
    await this.grant(form, clientBasic);
  }

  private async grant(form: Record<string, string>, basic?: string): Promise<void> {
    const came = await this.callTokenService('POST', `${this.login}/oauth/token`, form, basic);
    const { access_token: access, refresh_token: refresh, token_type: type } = decoded(resultOf(came), shapes.tokens);
    if (type !== 'bearer') throw new Error(`token type ${type}`);
    [this.accessToken, this.refreshToken] = [access, refresh];
    this.user();
  }
}

const selector = (labels?: string): Record<string, string> => (labels ? { label_selector: labels } : {});

function batches(guids: readonly string[]): string[] {
  const starts = Array.from({ length: Math.ceil(guids.length / batchSize) }, (_, at) => at * batchSize);
  return starts.map((start) => guids.slice(start, start + batchSize).join(','));
}
