import type { OperationId, operations as table } from '../../generated/operations';
import * as apiTokens from './apiTokens';
import * as audit from './audit';
import * as auth from './auth';
import type { LoginNeeds } from './auth/login';
import * as cloudFoundry from './cloudFoundry';
import type { PlatformNeeds } from './cloudFoundry/discovery/getPlatformInfo';
import type { V3Handler } from './cloudFoundry/handler';
import type { TokenKeyNeeds } from './cloudFoundry/uaa/getTokenKeys';
import type { OauthNeeds } from './cloudFoundry/uaa/grant';
import * as configFiles from './configFiles';
import * as configFragments from './configFragments';
import * as containerImages from './containerImages';
import * as databaseTypes from './databaseTypes';
import * as environments from './environments';
import * as events from './events';
import type { Handler, PublicHandler } from './handler';
import * as health from './health';
import type { MetricsNeeds } from './health/getMetricsExposition';
import type { ReadinessNeeds } from './health/getReadiness';
import type { RootNeeds } from './health/getRoot';
import * as operations from './operations';
import * as registries from './registries';
import * as secrets from './secrets';
import * as servers from './servers';
import * as serviceAccounts from './serviceAccounts';
import * as serviceDeployments from './serviceDeployments';
import * as serviceFiles from './serviceFiles';
import * as services from './services';
import * as serviceTypes from './serviceTypes';
import * as settings from './settings';
import * as users from './users';
import * as vars from './vars';

/** What public handlers get beside the request; `context.ts` brings it. */
export type PublicNeeds = LoginNeeds & OauthNeeds & TokenKeyNeeds & RootNeeds & PlatformNeeds & ReadinessNeeds & MetricsNeeds;

type Handlers = { [Id in OperationId]: HandlerOf<Id, (typeof table)[Id]> };
type HandlerOf<Id extends OperationId, Facts> = Facts extends { role: 'public' }
  ? PublicHandler<Id, PublicNeeds>
  : Facts extends { surface: 'v3' }
    ? V3Handler<Id>
    : Handler<Id>;
type Exact<T extends Handlers> = Exclude<keyof T, OperationId> extends never ? T : never;
const exactly = <T extends Handlers>(handlers: Exact<T>): Handlers => handlers;

/** One handler for each operation of the contract: a missing, an extra or a wrong one does not compile. */
export const handlers: Handlers = exactly({
  ...health,
  ...auth,
  ...apiTokens,
  ...users,
  ...serviceAccounts,
  ...operations,
  ...events,
  ...environments,
  ...registries,
  ...containerImages,
  ...servers,
  ...configFiles,
  ...configFragments,
  ...services,
  ...serviceDeployments,
  ...serviceFiles,
  ...serviceTypes,
  ...databaseTypes,
  ...vars,
  ...secrets,
  ...settings,
  ...audit,
  ...cloudFoundry,
});
