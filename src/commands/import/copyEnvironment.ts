import { BothSides, type Environment, type Ids, idOf, nameOf, type Ways } from './bothSides';
import { ServiceCopier } from './copyServices';
import { fileMembers, fragmentMembers, imageMembers, registryMembers, serverMembers, varMembers } from './members';
import type { Reader } from './reader';
import { type Answered, nullableText, numberIn, objectsIn, requiredText, textIn, truthIn } from './records';

/** Copies everything below an environment, what others refer to first. */
export async function copyEnvironment(ways: Ways, environment: Environment): Promise<void> {
  const copier = new EnvironmentCopier(ways, environment);
  await copier.run();
}

class EnvironmentCopier extends BothSides {
  private readonly registries: Ids = new Map();
  private readonly images: Ids = new Map();
  private readonly servers: Ids = new Map();
  private readonly fragments: Ids = new Map();
  private readonly files: Ids = new Map();

  async run(): Promise<void> {
    await this.copyRegistries();
    await this.copyImages();
    await this.copyServers();
    await this.copyVars();
    await this.tellSecrets();
    await this.copyFragments();
    await this.copyFiles();
    const { images, servers, files } = this;
    await new ServiceCopier(this.ways, this.environment, { images, servers, files }).run();
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
}

/** The fragments of a file in their order; undefined when the answer tells nothing of them. */
function fragmentsIn(file: Answered): string[] | undefined {
  const included = objectsIn(file, 'includedFragments');
  return included
    ?.sort((a, b) => (numberIn(a, 'position') ?? 0) - (numberIn(b, 'position') ?? 0))
    .map((one) => requiredText(one, 'fragmentId'));
}
