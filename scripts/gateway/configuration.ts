import type { Contract } from '../generate/contract';
import { awsConfiguration } from './aws';
import { envoyConfiguration } from './envoy';
import { kongConfiguration } from './kong';
import { gatewayModel } from './model';
import { nginxConfiguration } from './nginx';
import { type Gateway, type GatewayOptions, gateways, readOptions } from './options';

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

const fileNames: Record<Gateway, string> = { kong: 'kong.yaml', envoy: 'envoy.yaml', nginx: 'nginx.conf', aws: 'aws.json' };

/** What each gateway gets without options, for `generated/`: to be read, and to see what a change of the contract does there. */
export const gatewayFiles = (contract: Contract): [name: string, text: string][] =>
  gateways.map((gateway) => {
    const raw = gateway === 'aws' ? { upstream: ['https://portolan.example.com'] } : {};
    const options = readOptions(gateway, raw, contract['x-rate-limits']);
    return [`gateways/${fileNames[gateway]}`, configurationOf(gateway, contract, options)];
  });
