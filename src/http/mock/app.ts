import type { Express } from 'express';
import type { Principal } from '../../domain/access/principal';
import { getApiDocs } from '../../operations/health/getApiDocs';
import { getApiDocsAsset } from '../../operations/health/getApiDocsAsset';
import { getHealth } from '../../operations/health/getHealth';
import { getOpenApiDocument } from '../../operations/health/getOpenApiDocument';
import { getOpenApiDocumentOfApi } from '../../operations/health/getOpenApiDocumentOfApi';
import { getOpenApiYaml } from '../../operations/health/getOpenApiYaml';
import { getPlainHealth } from '../../operations/health/getPlainHealth';
import { getRoot } from '../../operations/health/getRoot';
import { createEdge } from '../edge';
import type { Exchange } from '../exchange';
import { type MockParts, mockDispatcher } from './dispatch';

/** They tell of the process and of the contract, of which the mock has both. */
const served = {
  getApiDocs,
  getApiDocsAsset,
  getHealth,
  getOpenApiDocument,
  getOpenApiDocumentOfApi,
  getOpenApiYaml,
  getPlainHealth,
  getRoot,
};

export interface MockOptions extends Pick<MockParts, 'publicUrl' | 'delayMs'> {
  /** undefined: no cross-origin requests. */
  corsOrigin: string[] | undefined;
  /** Told of each request once it is answered. */
  ended(exchange: Exchange, status: number): void;
}

/** Whoever shows a token may do everything. */
const anybody: Principal = {
  kind: 'user',
  id: '01920000-0000-7000-8000-000000000001',
  email: 'admin@portolan.local',
  name: null,
  role: 'admin',
  scopes: null,
  environmentIds: null,
  credential: { kind: 'login', id: '01920000-0000-7000-8000-000000000002' },
  installationSuspended: false,
};

/** The public listener of a service that has no database: each operation answers an example of the contract. */
export function createMockApp({ publicUrl, delayMs, corsOrigin, ended }: MockOptions): Express {
  const parts = {
    authenticator: {
      async authenticate(header: string | undefined) {
        if (header === undefined || header === '') return 'missing' as const;
        return /^bearer +\S+$/i.test(header) ? anybody : ('malformed' as const);
      },
    },
    redeemTicket: async () => anybody,
    rateLimits: {
      addresses: { take: async () => ({ limit: 120, remaining: 119, resetSeconds: 60 }), close() {} },
    },
    telemetry: { ended },
    trustedProxies: () => false,
    corsOrigin,
    corsHeaders: { allowed: ['Prefer'], exposed: ['Preference-Applied'] },
    draining: () => false,
  };
  const mocked: MockParts = { publicUrl, delayMs, handlers: served as MockParts['handlers'] };
  return createEdge(parts, (id, facts) => (facts.listener === undefined ? mockDispatcher(id, facts, mocked) : undefined));
}
