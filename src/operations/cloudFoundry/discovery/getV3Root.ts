import type { components } from '../../../../generated/contract';
import { json, type PublicHandler } from '../../handler';

interface V3RootNeeds {
  /** Where clients reach this service, without a slash at the end. */
  publicUrl(): string;
}

export const getV3Root: PublicHandler<'getV3Root', V3RootNeeds> = async (_request, { publicUrl }) => {
  const base = `${publicUrl()}/v3`;
  const links: components['schemas']['V3Root']['links'] = {
    self: { href: base },
    apps: { href: `${base}/apps` },
    builds: { href: `${base}/builds` },
    deployments: { href: `${base}/deployments` },
    droplets: { href: `${base}/droplets` },
    info: { href: `${base}/info` },
    jobs: { href: `${base}/jobs` },
    organizations: { href: `${base}/organizations` },
    packages: { href: `${base}/packages` },
    processes: { href: `${base}/processes` },
    routes: { href: `${base}/routes` },
    spaces: { href: `${base}/spaces` },
  };
  return json({ links });
};
