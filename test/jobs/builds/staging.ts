import { type StageParts, stageBuild } from '../../../src/jobs/builds/stageBuild';
import type { Portolan } from '../../support/portolan';

/** What a worker of this service would stage with. */
export function stageParts(portolan: Portolan, parts: Partial<StageParts> = {}): StageParts {
  const { walkParts, environmentDefaults } = portolan.context;
  return { ...walkParts, environmentDefaults, stopping: new AbortController().signal, ...parts };
}

export interface PackageData {
  image: string;
  username?: string;
  password?: string;
}

/** A package of an app as the API answers it. */
export async function packageOf(portolan: Portolan, appId: string, data: PackageData): Promise<any> {
  const body = { type: 'docker', relationships: { app: { data: { guid: appId } } }, data };
  const answer = await portolan.call('createPackage', { body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

/** A build of a package, which nobody stages yet, as the API answers it. */
export async function buildOf(portolan: Portolan, packageId: string): Promise<any> {
  const answer = await portolan.call('createBuild', { body: { package: { guid: packageId } } });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

/** Stages a build here and now. */
export const stage = (portolan: Portolan, buildId: string, parts: Partial<StageParts> = {}) =>
  stageBuild(stageParts(portolan, parts), buildId);

/** A build of an image, staged in one try; gives it as the API answers it now. */
export async function staged(portolan: Portolan, appId: string, data: PackageData): Promise<any> {
  const { guid } = await packageOf(portolan, appId, data);
  const build = await buildOf(portolan, guid);
  await stage(portolan, build.guid, { stageLimitMs: 5000 });
  return (await portolan.call('getBuild', { path: { guid: build.guid } })).body;
}
