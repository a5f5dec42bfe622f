import type { Shape } from './goDecoding';

/** The fields that `cf` v8 reads, by resource; clients.md B.1 names those that matter to its commands. */

const toOne: Shape = { struct: { data: { struct: { guid: 'text' } } } };
const metadata: Shape = { struct: { labels: { map: 'text' }, annotations: { map: 'text' } } };
const link: Shape = {
  struct: {
    href: 'text',
    method: 'text',
    meta: { struct: { version: 'text', host_key_fingerprint: 'text', oauth_client: 'text' } },
  },
};

export const root: Shape = {
  struct: {
    cf_on_k8s: 'truth',
    links: {
      struct: Object.fromEntries(
        ['app_ssh', 'cloud_controller_v3', 'logging', 'log_cache', 'network_policy_v1', 'routing', 'uaa', 'login'].map((name) => [
          name,
          link,
        ]),
      ),
    },
  },
};
export const prompts: Shape = {
  struct: {
    app: { struct: { version: 'text' } },
    links: { struct: { uaa: 'text', login: 'text' } },
    prompts: { map: { list: 'text' } },
  },
};
export const tokens: Shape = {
  struct: { access_token: 'text', refresh_token: 'text', token_type: 'text', expires_in: 'integer' },
};

export const page = (of: Shape): Shape => ({
  struct: {
    pagination: { struct: { total_results: 'integer', total_pages: 'integer', next: { struct: { href: 'text' } } } },
    resources: { list: of },
  },
});

export const organization: Shape = {
  struct: { guid: 'text', name: 'text', suspended: 'truth', metadata, relationships: { struct: { quota: toOne } } },
};
export const space: Shape = { struct: { guid: 'text', name: 'text', metadata, relationships: { map: toOne } } };
export const app: Shape = {
  struct: {
    guid: 'text',
    name: 'text',
    state: 'text',
    lifecycle: { struct: { type: 'text', data: { struct: { buildpacks: { list: 'text' }, stack: 'text' } } } },
    relationships: { map: toOne },
    metadata,
  },
};
const healthCheck: Shape = {
  struct: {
    type: 'text',
    data: { struct: { endpoint: 'text', invocation_timeout: 'integer', timeout: 'integer', interval: 'integer' } },
  },
};
export const process: Shape = {
  struct: {
    guid: 'text',
    type: 'text',
    command: 'text',
    instances: 'integer',
    memory_in_mb: 'unsigned',
    disk_in_mb: 'unsigned',
    log_rate_limit_in_bytes_per_second: 'integer',
    health_check: healthCheck,
    readiness_health_check: healthCheck,
    relationships: { map: toOne },
    process_instances: { list: { struct: { index: 'integer', state: 'text', since: 'integer' } } },
  },
};
export const instance: Shape = {
  struct: {
    index: 'integer',
    type: 'text',
    state: 'text',
    details: 'text',
    uptime: 'integer',
    routable: 'truth',
    isolation_segment: 'text',
    mem_quota: 'unsigned',
    disk_quota: 'unsigned',
    log_rate_limit: 'integer',
    usage: { struct: { cpu: 'number', cpu_entitlement: 'number', mem: 'unsigned', disk: 'unsigned', log_rate: 'unsigned' } },
  },
};
export const sidecar: Shape = { struct: { guid: 'text', name: 'text', command: 'text' } };
export const route: Shape = {
  struct: { guid: 'text', url: 'text', destinations: { list: { struct: { app: { struct: { guid: 'text' } } } } } },
};
export const droplet: Shape = {
  struct: {
    guid: 'text',
    state: 'text',
    created_at: 'text',
    image: 'text',
    stack: 'text',
    lifecycle: { struct: { type: 'text' } },
    buildpacks: { list: { struct: { name: 'text', buildpack_name: 'text', detect_output: 'text', version: 'text' } } },
    relationships: { struct: { app: toOne } },
  },
};
export const pkg: Shape = {
  struct: {
    guid: 'text',
    created_at: 'text',
    state: 'text',
    type: 'text',
    data: { struct: { image: 'text', username: 'text', password: 'text' } },
    links: { map: link },
    relationships: { map: toOne },
  },
};
export const build: Shape = {
  struct: {
    guid: 'text',
    created_at: 'text',
    state: 'text',
    error: 'text',
    package: { struct: { guid: 'text' } },
    droplet: { struct: { guid: 'text' } },
  },
};
export const deployment: Shape = {
  struct: {
    guid: 'text',
    created_at: 'text',
    status: { struct: { value: 'text', reason: 'text', details: { struct: { last_status_change: 'text' } } } },
    droplet: { struct: { guid: 'text' } },
    new_processes: { list: { struct: { guid: 'text', type: 'text' } } },
    strategy: 'text',
    options: { struct: { max_in_flight: 'integer' } },
  },
};
export const job: Shape = {
  struct: {
    guid: 'text',
    state: 'text',
    errors: { list: { struct: { code: 'integer', detail: 'text', title: 'text' } } },
    warnings: { list: { struct: { detail: 'text' } } },
  },
};
export const relationship: Shape = toOne;
export const labelled: Shape = { struct: { metadata } };
