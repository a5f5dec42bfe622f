import type { RegistryAccess } from '../access';

/** A request to an API beside the distribution protocol: of Docker Hub, of DigitalOcean. */
export interface ApiRequest {
  /** A POST is sent once: only GET is retried. */
  method?: 'GET' | 'POST';
  url: string;
  /** Sent to the host of `url` only, never after a redirect to another one. */
  bearer?: string | null | undefined;
  json?: unknown;
  signal?: AbortSignal | undefined;
  requestId?: string | undefined;
  optional?: boolean | undefined;
  onRequest?: (() => void) | undefined;
  /** On whose behalf: for fairness at the host, and the name shown in failures. */
  access?: Pick<RegistryAccess, 'key' | 'name'>;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** Parsed JSON; undefined when the answer has no body. An answer of 400 and above may hold plain text, which is a string here. */
  body: unknown;
}

/**
 * Throws RegistryFailure for network faults, throttling beyond patience, oversized or unreadable bodies; any other status is
 * returned.
 */
export type ApiCall = (request: ApiRequest) => Promise<ApiAnswer>;
