import { exitCodes } from '../client/exitCodes';
import { CommandFailure } from '../client/terminal';
import {
  fileMembers,
  fragmentMembers,
  imageMembers,
  placementMembers,
  registryMembers,
  serverMembers,
  serviceMembers,
  varMembers,
} from './members';
import type { Reader } from './reader';
import { type Answered, nullableText, numberIn, objectIn, objectsIn, requiredText, textIn, truthIn, Unreadable } from './records';
import type { Report } from './report';
import type { Copy, Writer } from './writer';

/** What one environment is copied with. */
export interface Ways {
  source: Reader;
  target: Reader;
  writer: Writer;
  report: Report;
  /** Ids of the target's service types by name. */
  serviceTypes: ReadonlyMap<string, string>;
  progress(text: string): void;
}

interface Environment {
  name: string;
  sourceId: string;
  /** undefined: a dry run would make it, so nothing is in it. */
  targetId: string | undefined;
}

/** Objects of a list on both sides: those to copy, and those that are there, by natural key. */
interface Both {
  all: Answered[];
  present: Map<unknown, Answered>;
}

/** From ids of the source to those of the target. */
type Ids = Map<string, string>;

/** Copies everything below an environment, what others refer to first. */
export async function copyEnvironment(ways: Ways, environment: Environment): Promise<void> {
  const copier = new EnvironmentCopier(ways, environment);
  await copier.run();
}

class EnvironmentCopier {
  private readonly registries: Ids = new Map();
  private readonly images: Ids = new Map();
  private readonly servers: Ids = new Map();
  private readonly fragments: Ids = new Map();
  private readonly files: Ids = new Map();
  private readonly services: Ids = new Map();

  constructor(
    private readonly ways: Ways,
    private readonly environment: Environment,
  ) {}

  async run(): Promise<void> {
    await this.copyRegistries();
    await this.copyImages();
    await this.copyServers();
    await this.copyVars();
    await this.tellSecrets();
    await this.copyFragments();
    await this.copyFiles();
    await this.copyServices();
  }

  private async copyRegistries(): Promise<void> {
    const both = await this.both('registries', 'registries', 'name');
    for (const registry of both.all) {
      const name = nameOf(registry, 'name');
      const id = await this.bring(
        'registry',
        'registries',
        '/api/registries',
        both,
        registry,
        'name',
        () => registryMembers(registry),
        registryMembers,
      );
      if (id) this.registries.set(idOf(registry), id);
      const credentials = ['Token', 'Password']
        .filter((kind) => registry[`has${kind}`] === true)
        .map((kind) => kind.toLowerCase());
      if (credentials.length > 0)
        this.note('registry', name, `set its ${credentials.join(' and ')}: the source does not hand them out`);
    }
  }

  private async copyImages(): Promise<void> {
    const both = await this.both('container-images', 'images', 'imageName');
    const linked = (image: Answered) => ({
      ...imageMembers(image),
      registryConnectionId: nullableText(image, 'registryConnectionId'),
    });
    for (const image of both.all) {
      const wanted = () => {
        const members = linked(image);
        const link = members.registryConnectionId;
        return { ...members, registryConnectionId: link ? this.reference(this.registries, link, 'registry') : link };
      };
      const id = await this.bring('image', 'container-images', '/api/container-images', both, image, 'imageName', wanted, linked);
      if (id) this.images.set(idOf(image), id);
    }
  }

  private async copyServers(): Promise<void> {
    const both = await this.both('servers', 'servers', 'name');
    for (const server of both.all) {
      const id = await this.bring(
        'server',
        'servers',
        '/api/servers',
        both,
        server,
        'name',
        () => serverMembers(server),
        serverMembers,
      );
      if (id) this.servers.set(idOf(server), id);
      if (server.clusterId) this.note('server', nameOf(server, 'name'), 'its cluster is not copied');
    }
  }

  private async copyVars(): Promise<void> {
    const both = await this.both('vars', 'vars', 'key');
    for (const one of both.all) await this.bring('var', 'vars', '/api/vars', both, one, 'key', () => varMembers(one), varMembers);
  }

  /** Their values stay where they are; who set them knows them. */
  private async tellSecrets(): Promise<void> {
    const { all, present } = await this.both('secrets', 'secrets', 'key');
    for (const secret of all) {
      const name = nameOf(secret, 'key');
      if (present.has(secret.key)) continue;
      const more = secret.neverReveal === true ? ', and is never revealed' : '';
      const reason = `its value is not handed out${more}; make it with \`portolan secrets create\``;
      this.ways.report.add({ outcome: 'left', environment: this.environment.name, kind: 'secret', name, reason });
    }
  }

  private async copyFragments(): Promise<void> {
    const both = await this.both('config-fragments', 'fragments', 'name');
    for (const fragment of both.all) {
      const whole = await this.whole(fragment, ['content', 'usedBy'], '/api/config-fragments', 'fragment');
      const id = await this.bring(
        'config fragment',
        'config-fragments',
        '/api/config-fragments',
        both,
        whole,
        'name',
        () => fragmentMembers(whole),
        fragmentMembers,
        'fragment',
      );
      if (id) this.fragments.set(idOf(fragment), id);
      for (const use of objectsIn(whole, 'usedBy') ?? []) this.uses.push({ ...use, fragmentId: idOf(fragment) });
    }
  }
  /** Which fragments are in which files, as fragments tell it. */
  private readonly uses: Answered[] = [];

  private async copyFiles(): Promise<void> {
    const both = await this.both('config-files', 'configFiles', 'name');
    for (const listed of both.all) {
      const name = nameOf(listed, 'name');
      try {
        const file = await this.contentOf(this.ways.source, listed);
        const there = both.present.get(listed.name);
        if (there) both.present.set(listed.name, await this.contentOf(this.ways.target, there));
        const members = (from: Answered) => ({ ...fileMembers(from), content: requiredText(from, 'content') });
        const wanted = () => ({ ...members(file), fragmentIds: this.fragmentsOf(file) });
        const compared = (from: Answered) => ({ ...members(from), fragmentIds: fragmentsIn(from) ?? [] });
        const id = await this.bring(
          'config file',
          'config-files',
          '/api/config-files',
          both,
          file,
          'name',
          wanted,
          compared,
          'configFile',
        );
        if (id) this.files.set(idOf(listed), id);
      } catch (error) {
        this.leave('config file', name, error);
      }
    }
  }

  /** A file with its content; that of a binary one as base64, as it is sent. */
  private async contentOf(reader: Reader, listed: Answered): Promise<Answered> {
    const file = await reader.object(`/api/config-files/${idOf(listed)}`, 'configFile');
    if (truthIn(file, 'isBinary') !== true || textIn(file, 'content')) return file;
    const bytes = await reader.bytes(`/api/config-files/${idOf(listed)}/content`);
    return { ...file, content: bytes.toString('base64') };
  }

  private fragmentsOf(file: Answered): string[] | undefined {
    const told = fragmentsIn(file);
    const used = this.uses
      .filter((use) => use.configFileId === file.id)
      .sort((a, b) => (numberIn(a, 'position') ?? 0) - (numberIn(b, 'position') ?? 0))
      .map((use) => use.fragmentId as string);
    if (truthIn(file, 'isBinary')) return undefined;
    return (told ?? used).map((id) => this.reference(this.fragments, id, 'config fragment'));
  }

  private async copyServices(): Promise<void> {
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
        containerImageId: this.reference(this.images, requiredText(service, 'containerImageId'), 'container image'),
        serviceTypeId: type,
      });
      const id = await this.bring('service', 'services', '/api/services', both, service, 'name', wanted, compared);
      if (!id) continue;
      this.services.set(idOf(listed), id);
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
      const server = this.servers.get(String(placement.serverId));
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
        wanted: () => ({ serverId: this.reference(this.servers, placement.serverId, 'server'), ...placementMembers(placement) }),
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
      const file = this.files.get(String(one.configFileId));
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
          configFileId: this.reference(this.files, one.configFileId, 'config file'),
          targetPath: requiredText(one, 'targetPath'),
          ...(one.serviceDeploymentId
            ? { serviceDeploymentId: this.reference(placements, one.serviceDeploymentId, 'placement') }
            : {}),
        }),
        present,
      });
    }
  }

  /** What the list leaves out is read from the detail. */
  private async whole(listed: Answered, members: string[], path: string, envelope: string): Promise<Answered> {
    const lacks = members.some((member) => listed[member] === undefined);
    return lacks ? this.ways.source.object(`${path}/${idOf(listed)}`, envelope) : listed;
  }

  private reference(ids: Ids, id: unknown, noun: string): string {
    const known = ids.get(String(id));
    if (known === undefined) throw new Unreadable(`its ${noun} was not copied`);
    return known;
  }

  private async both(path: string, member: string, key: string): Promise<Both> {
    const { sourceId, targetId, name } = this.environment;
    const { objects: all, partial } = await this.listed(`/api/environments/${sourceId}/${path}`, member, path);
    if (partial) this.note('list', path, `the source handed out ${all.length} objects only, and says that it has more`);
    this.ways.progress(`${name}: ${all.length} ${path.replaceAll('-', ' ')}`);
    const there =
      targetId === undefined ? [] : (await this.ways.target.list(`/api/environments/${targetId}/${path}`, member)).objects;
    return { all, present: new Map(there.map((one) => [one[key], one])) };
  }

  /** An older installation may not know a list at all. */
  private async listed(path: string, member: string, name: string): Promise<{ objects: Answered[]; partial: boolean }> {
    try {
      return await this.ways.source.list(path, member);
    } catch (error) {
      if (!isGone(error)) throw error;
      this.note('list', name, 'the source does not have this list');
      return { objects: [], partial: false };
    }
  }

  private bring(
    kind: string,
    path: string,
    at: string,
    { present }: Both,
    object: Answered,
    key: string,
    wanted: Copy['wanted'],
    compared: (from: Answered) => Answered,
    member = kind,
  ): Promise<string | undefined> {
    const there = present.get(object[key]);
    return this.ways.writer.bring({
      environment: this.environment.name,
      kind,
      name: nameOf(object, key),
      createAt: `/api/environments/${this.environment.targetId}/${path}`,
      changeAt: (id) => `${at}/${id}`,
      member,
      fixed: [key].filter((one) => one !== 'name'),
      wanted,
      present: there && { ...compared(there), id: there.id },
    });
  }

  private note(kind: string, name: string, reason: string): void {
    this.ways.report.note(this.environment.name, kind, name, reason);
  }

  private leave(kind: string, name: string, error: unknown): void {
    if (!(error instanceof Unreadable) && !isGone(error)) throw error;
    const reason = isGone(error) ? `the source does not hand out its content: ${error.message}` : error.message;
    this.ways.report.add({ outcome: 'left', environment: this.environment.name, kind, name, reason });
  }
}

const isGone = (error: unknown): error is CommandFailure =>
  error instanceof CommandFailure && error.exitCode === exitCodes.notFound;
const idOf = (from: Answered): string => String(from.id);
const nameOf = (from: Answered, key: string): string => (typeof from[key] === 'string' ? (from[key] as string) : idOf(from));

/** The fragments of a file in their order; undefined when the answer tells nothing of them. */
function fragmentsIn(file: Answered): string[] | undefined {
  const included = objectsIn(file, 'includedFragments');
  return included
    ?.sort((a, b) => (numberIn(a, 'position') ?? 0) - (numberIn(b, 'position') ?? 0))
    .map((one) => requiredText(one, 'fragmentId'));
}
