import { CfError, resultOf, type Sent, sendAsCf } from './cfHttp';
import { decoded, goQuery, goTime, type Shape } from './goDecoding';

/** go-cfclient v3 as far as a server sees it: it always asks for a page, reads times as times, and takes a job's id from its address. */

const toOne: Shape = { struct: { data: { struct: { guid: 'text' } } } };
const clientBasic = `Basic ${Buffer.from('cf:').toString('base64')}`;
const droplet: Shape = {
  struct: {
    guid: 'text',
    created_at: 'text',
    updated_at: 'text',
    state: 'text',
    error: 'text',
    lifecycle: { struct: { type: 'text' } },
    execution_metadata: 'text',
    process_types: { map: 'text' },
    metadata: { struct: { labels: { map: 'text' }, annotations: { map: 'text' } } },
    relationships: { struct: { app: toOne } },
    image: 'text',
    checksum: { struct: { type: 'text', value: 'text' } },
    stack: 'text',
    buildpacks: { list: { struct: { name: 'text' } } },
    links: { map: { struct: { href: 'text', method: 'text' } } },
  },
};
const pageOf = (of: Shape): Shape => ({
  struct: {
    pagination: {
      struct: {
        total_results: 'integer',
        total_pages: 'integer',
        first: { struct: { href: 'text' } },
        last: { struct: { href: 'text' } },
        next: { struct: { href: 'text' } },
        previous: { struct: { href: 'text' } },
      },
    },
    resources: { list: of },
  },
});
const job: Shape = { struct: { guid: 'text', operation: 'text', state: 'text', created_at: 'text', updated_at: 'text' } };

export class GoCfclient {
  readonly sent: Sent[] = [];
  token = '';

  constructor(
    private readonly url: string,
    private readonly username: string,
    private readonly password: string,
  ) {}

  /** All droplets that filters leave, page by page: the next one is read from the query of its address. */
  async listDroplets(filters: Record<string, string>, perPage = 50): Promise<any[]> {
    const rows: any[] = [];
    let [page, size] = ['1', String(perPage)];
    for (;;) {
      const query = { ...filters, page, per_page: size };
      const { pagination, resources } = decoded(await this.ask('GET', `/v3/droplets?${goQuery(query)}`), pageOf(droplet));
      rows.push(...resources.map(withTimes));
      if (!pagination.next.href) return rows;
      const next = new URL(pagination.next.href).searchParams;
      [page, size] = [next.get('page') as string, next.get('per_page') as string];
    }
  }

  /** Its create always sends process types. */
  async createDroplet(appGuid: string): Promise<any> {
    const body = { relationships: { app: { data: { guid: appGuid } } }, process_types: {} };
    return decoded(await this.ask('POST', '/v3/droplets', body), droplet);
  }

  async copyDroplet(sourceGuid: string, appGuid: string): Promise<any> {
    const body = { relationships: { app: { data: { guid: appGuid } } } };
    return withTimes(decoded(await this.ask('POST', `/v3/droplets?source_guid=${sourceGuid}`, body), droplet));
  }

  async updateDroplet(guid: string, update: { metadata?: object; image?: string }): Promise<any> {
    return withTimes(decoded(await this.ask('PATCH', `/v3/droplets/${guid}`, update), droplet));
  }

  /** The id of the job, from the last part of its address; waits until it is complete. */
  async deleteDroplet(guid: string): Promise<string> {
    const came = await this.send('DELETE', `/v3/droplets/${guid}`);
    if (came.status !== 202) throw new Error(`expected 202, got ${came.status}: ${came.text}`);
    const id = (came.headers.location as string).split('/').at(-1) as string;
    for (let looks = 0; looks < 300; looks++) {
      const { state, created_at: at } = decoded(await this.ask('GET', `/v3/jobs/${id}`), job);
      goTime(at);
      if (state === 'COMPLETE') return id;
      if (state === 'FAILED') throw new Error(`job ${id} failed`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`job ${id} did not end`);
  }

  private async ask(method: string, path: string, body?: object): Promise<any> {
    return resultOf(await this.send(method, path, body));
  }

  /** After a 401 the token is dropped, and the request sent once more. */
  private async send(method: string, path: string, body?: object) {
    for (let again = false; ; again = true) {
      if (this.token === '') await this.signIn();
      const headers = { Accept: 'application/json', Authorization: `Bearer ${this.token}`, 'User-Agent': 'Go-CF-Client/3.0' };
      const json = body ? { 'Content-Type': 'application/json' } : {};
      const came = await sendAsCf(this.sent, method, this.url + path, { ...headers, ...json }, body && JSON.stringify(body));
      if (came.status !== 401 || again) return came;
      this.token = '';
    }
  }

  /** By the `uaa` link of the root. */
  private async signIn(): Promise<void> {
    const { links } = resultOf(await sendAsCf(this.sent, 'GET', `${this.url}/`, { Accept: 'application/json' }));
    const form = goQuery({ grant_type: 'password', username: this.username, password: this.password });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: clientBasic };
    const came = resultOf(await sendAsCf(this.sent, 'POST', `${links.uaa.href}/oauth/token`, headers, form));
    if (String(came.token_type).toLowerCase() !== 'bearer') throw new CfError(0, 'token_type', came.token_type);
    this.token = came.access_token;
  }
}

const withTimes = (row: any) => ({ ...row, createdAt: goTime(row.created_at), updatedAt: goTime(row.updated_at) });
