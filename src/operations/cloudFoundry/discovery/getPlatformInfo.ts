import { contractVersion } from '../../../../generated/operations';
import { json, type PublicHandler } from '../../handler';

export interface PlatformNeeds {
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
  /** Requests that one principal may send. */
  requestsPerMinute: number;
}

export const getPlatformInfo: PublicHandler<'getPlatformInfo', PlatformNeeds> = async (
  _request,
  { publicUrl, requestsPerMinute },
) => {
  const base = publicUrl();
  return json({
    build: contractVersion,
    cli_version: { minimum: '', recommended: '' },
    custom: {},
    description: 'Portolan',
    name: 'portolan',
    version: Number.parseInt(contractVersion, 10),
    osbapi_version: '',
    rate_limits: { enabled: true, general_limit: requestsPerMinute, reset_interval_in_minutes: 1 },
    links: { self: { href: `${base}/v3/info` }, support: { href: `${base}/api/docs` } },
  });
};
