import { BothSides, type Environment, type Ids, idOf, isGone, nameOf, type Ways } from './bothSides';
import { placementMembers, serviceMembers } from './members';
import { type Answered, nullableText, objectIn, objectsIn, requiredText, textIn } from './records';

/** What services refer to, by its id in the source. */
export interface Known {
  images: Ids;
  servers: Ids;
  files: Ids;
}

/** Services with their placements and the files that are attached to them. */
export class ServiceCopier extends BothSides {
  constructor(
    ways: Ways,
    environment: Environment,
    private readonly known: Known,
  ) {
    super(ways, environment);
  }

  async run(): Promise<void> {
    const both = await this.both('services', 'services', 'name');
    for (const listed of both.all) {
      const service = await this.whole(listed, ['serviceDeployments'], '/api/services', 'service');
      const type = this.serviceTypeOf(service);
      const compared = (from: Answered) => ({
        ...serviceMembers(from),
        containerImageId: textIn(from, 'containerImageId'),
        serviceTypeId: nullableText(from, 'serviceTypeId'),
      });
      const wanted = () => ({
        ...serviceMembers(service),
        containerImageId: this.reference(this.known.images, requiredText(service, 'containerImageId'), 'container image'),
        serviceTypeId: type,
      });
      const id = await this.bring('service', 'services', '/api/services', both, service, 'name', wanted, compared);
      if (!id) continue;
      const placements = await this.copyPlacements(service, id, both.present.has(service.name));
      await this.copyAttachments(service, id, both.present.has(service.name), placements);
    }
  }

  /** Types have the same names everywhere, and ids of their own. */
  private serviceTypeOf(service: Answered): string | null | undefined {
    const given = nullableText(service, 'serviceTypeId');
    if (!given) return given;
    const name = textIn(objectIn(service, 'serviceType') ?? {}, 'name');
    const id = name === undefined ? undefined : this.ways.serviceTypes.get(name);
    if (id === undefined)
      this.note('service', nameOf(service, 'name'), `its type ${name ?? given} is not known to Portolan, so it is without one`);
    return id;
  }

  private async copyPlacements(service: Answered, serviceId: string, isThere: boolean): Promise<Ids> {
    const ids: Ids = new Map();
    const path = `/api/services/${serviceId}/deployments`;
    const there = isThere ? (await this.ways.target.list(path, 'deployments')).objects : [];
    for (const placement of objectsIn(service, 'serviceDeployments') ?? []) {
      const server = this.known.servers.get(String(placement.serverId));
      const present = there.find((one) => one.serverId === server);
      const name = `${nameOf(service, 'name')} as ${nameOf(placement, 'containerName')}`;
      const id = await this.ways.writer.bring({
        environment: this.environment.name,
        kind: 'placement',
        name,
        createAt: path,
        changeAt: (one) => `${path}/${one}`,
        member: 'deployment',
        fixed: ['serverId'],
        wanted: () => ({
          serverId: this.reference(this.known.servers, placement.serverId, 'server'),
          ...placementMembers(placement),
        }),
        present: present && { id: present.id, serverId: present.serverId, ...placementMembers(present) },
      });
      if (id) ids.set(idOf(placement), id);
    }
    return ids;
  }

  private async copyAttachments(service: Answered, serviceId: string, isThere: boolean, placements: Ids): Promise<void> {
    const name = nameOf(service, 'name');
    const attached = await this.ways.source.list(`/api/services/${idOf(service)}/files`, 'files').catch((error: unknown) => {
      if (!isGone(error)) throw error;
      this.note('service', name, 'the source does not tell which config files are attached to it');
      return { objects: [] };
    });
    const path = `/api/services/${serviceId}/files`;
    const there = isThere && attached.objects.length > 0 ? (await this.ways.target.list(path, 'files')).objects : [];
    for (const one of attached.objects) {
      const file = this.known.files.get(String(one.configFileId));
      const placement = one.serviceDeploymentId ? placements.get(String(one.serviceDeploymentId)) : null;
      const present = there.find((other) => other.configFileId === file && (other.serviceDeploymentId ?? null) === placement);
      await this.ways.writer.bring({
        environment: this.environment.name,
        kind: 'attachment',
        name: `${name}:${textIn(one, 'targetPath') ?? ''}`,
        createAt: path,
        changeAt: (id) => `${path}/${id}`,
        member: 'serviceFile',
        fixed: ['configFileId', 'serviceDeploymentId'],
        wanted: () => ({
          configFileId: this.reference(this.known.files, one.configFileId, 'config file'),
          targetPath: requiredText(one, 'targetPath'),
          ...(one.serviceDeploymentId
            ? { serviceDeploymentId: this.reference(placements, one.serviceDeploymentId, 'placement') }
            : {}),
        }),
        present,
      });
    }
  }
}
