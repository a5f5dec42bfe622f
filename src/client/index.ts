/** The TypeScript client of Portolan: `import { createPortolan } from 'portolan/client'`. It runs in Node and in browsers. */
export type { PortolanOptions } from './caller';
export type { PortolanErrorCode, PortolanErrorDetails, PortolanErrorFacts } from './errors';
export { PortolanError } from './errors';
export type { EventOptions, PortolanEvent } from './events';
export { createPortolan, type Portolan } from './portolan';
export type { RetryOptions } from './retries';
export type { TokenSource } from './tokens';
export type {
  Answer,
  CallOptions,
  Calls,
  DataOf,
  InputOf,
  ItemOf,
  ListId,
  Listing,
  Lists,
  OperationId,
  PathCall,
  PathsWith,
  Schemas,
  WithResponse,
} from './types';
export type { WaitOptions } from './waiting';
