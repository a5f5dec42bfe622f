import { contractVersion } from '../../../generated/operations';
import { json, type PublicHandler } from '../handler';

export const getHealth: PublicHandler<'getHealth', object> = async (_request, { now }) =>
  json({
    status: 'ok',
    timestamp: now().toISOString(),
    version: contractVersion,
    bundledAgentVersion: 'unknown',
    cliVersion: contractVersion,
  });
