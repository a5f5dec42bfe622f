import type { Contract } from '../generate/contract';
import { awsConfiguration } from './aws';
import { envoyConfiguration } from './envoy';
import { kongConfiguration } from './kong';
import { gatewayModel } from './model';
import { nginxConfiguration } from './nginx';
import type { Gateway, GatewayOptions } from './options';

/** The configuration of one gateway, as text. */
export function configurationOf(gateway: Gateway, contract: Contract, options: GatewayOptions): string {
  const model = gatewayModel(contract, options.maxUploadBytes);
  return writers[gateway](model, options);
}

const writers = {
  kong: kongConfiguration,
  envoy: envoyConfiguration,
  nginx: nginxConfiguration,
  aws: awsConfiguration,
};
