import type { Contract } from '../generate/contract';
import { envoyConfiguration } from './envoy';
import { gatewayModel } from './model';
import { nginxConfiguration } from './nginx';
import type { Gateway, GatewayOptions } from './options';

/** The configuration of one gateway, as text. */
export function configurationOf(gateway: Gateway, contract: Contract, options: GatewayOptions): string {
  const model = gatewayModel(contract, options.maxUploadBytes);
  if (gateway === 'nginx') return nginxConfiguration(model, options);
  if (gateway === 'envoy') return envoyConfiguration(model, options);
  throw new Error(gateway);
}
