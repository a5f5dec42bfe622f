import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { containerImage, digest, placement, server, service } from '../../support/catalogue';
import { attachment, configFile, configFragment, keyed } from '../../support/configFiles';
import { environment, token } from '../../support/fixtures';
import { type Portolan, startPortolan } from '../../support/portolan';
import { pinDigest } from '../../support/rows';

let portolan: Portolan;
let envId: string;
beforeAll(async () => {
  portolan = await startPortolan();
  envId = await environment(portolan, 'preview');
  await keyed(portolan, 'Var', envId, 'HOST', 'db.example.com');
  await keyed(portolan, 'Var', envId, 'SHARED', 'var-value');
  await keyed(portolan, 'Secret', envId, 'SHARED', 'canary-shared');
  await keyed(portolan, 'Secret', envId, 'PASSWORD', 'canary/pass+word');
  await keyed(portolan, 'Secret', envId, 'PIN', '12');
});
afterAll(() => portolan.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const preview = (id: string, depId: string, more: object = {}) =>
  portolan.call('previewServiceDeployment', { path: { id, depId }, ...more });
/** A service on one server, of an image without digests unless one is named. */
async function placed(members: Record<string, unknown> = {}, more: Record<string, unknown> = {}) {
  const { id } = await service(portolan, envId, members);
  return { id, placed: await placement(portolan, id, more) };
}
const shown = async (members: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
  const { id, placed: on } = await placed(members, more);
  const answer = await preview(id, on.id);
  expect(answer.status).toBe(200);
  return { ...answer.body, service: parse(answer.body.compose.content).services[on.containerName] };
};
const template = (line: string) => `services:\n  shop:\n    image: x\n    ${line}\n`;

describe('200: the compose document', () => {
  test('the default one', async () => {
    const { compose, configFiles, env, service: one } = await shown({}, { containerName: 'shop' });
    expect(compose.name).toBe('docker-compose.yml');
    expect(one).toMatchObject({ container_name: 'shop', restart: 'unless-stopped' });
    expect([configFiles, env]).toEqual([[], { keys: [] }]);
    expect(compose.checksum).toBe(sha256(compose.content));
  });

  test('is called as the file on the server', async () => {
    expect((await shown({}, { composePath: '/opt/shop/compose.prod.yml' })).compose.name).toBe('compose.prod.yml');
  });

  test('a template with facts and values; what compose resolves itself stays', async () => {
    const text = template('x: "${CONTAINER_NAME} ${HOST} ${NOBODY} $${HOST} ${SHARED} ${PIN}"');
    const { compose, warnings } = await shown({ composeTemplate: text }, { containerName: 'shop' });
    expect(compose.content).toBe(template('x: "shop db.example.com ${NOBODY} $${HOST} *** ***"'));
    expect(warnings.join()).not.toContain('NOBODY');
  });

  test('variables by name, with overrides; missing keys of each', async () => {
    const baseEnv = { B: '${HOST}', A: '${GONE} ${PASSWORD}' };
    const { env, warnings, compose, service: one } = await shown({ baseEnv }, { envOverrides: { C: '1', B: '2' } });
    expect(env.keys).toEqual(['A', 'B', 'C']);
    expect(one.env_file).toHaveLength(1);
    expect(warnings).toContainEqual(expect.stringMatching(/The variable A names \$\{GONE\}.*\$\$\{GONE\}/));
    expect(compose.content).not.toContain('db.example.com');
  });

  test('a template that names a file which is not attached', async () => {
    const { warnings } = await shown({ composeTemplate: template('x: ${CONFIG_FILE_0}') }, { containerName: 'shop' });
    expect(warnings).toContainEqual(expect.stringContaining('${CONFIG_FILE_0}'));
  });
});

describe('200: the image', () => {
  test('of the current droplet, by digest', async () => {
    const image = await containerImage(portolan, envId);
    const digestId = await digest(portolan, image.id, { tags: ['1.0'], best_tag: '1.0' });
    const [{ manifest_digest: pinned }] = await portolan.sql('select manifest_digest from image_digests where id = $1', [
      digestId,
    ]);
    const { id, placed: on } = await placed({ containerImageId: image.id, imageTag: '2.0' });
    await pinDigest(portolan, id, digestId);
    await portolan.sql('update droplets set image = $2 where service_id = $1', [id, `${image.imageName}@${pinned}`]);
    const { compose, warnings } = (await preview(id, on.id)).body;
    expect(compose.content).toContain(`image: ${image.imageName}@${pinned}\n`);
    expect(warnings).toEqual([]);
  });

  test('of the tag that is asked for, else of the channel; by digest where one is known', async () => {
    const image = await containerImage(portolan, envId);
    const digestId = await digest(portolan, image.id, { tags: ['1.0', 'latest'] });
    const [{ manifest_digest: known }] = await portolan.sql('select manifest_digest from image_digests where id = $1', [
      digestId,
    ]);
    const { id, placed: on } = await placed({ containerImageId: image.id });
    const imageFor = async (query: object) => {
      const { compose, warnings } = (await preview(id, on.id, { query })).body;
      return [parse(compose.content).services[on.containerName].image, warnings.length];
    };
    expect(await imageFor({})).toEqual([`${image.imageName}@${known}`, 0]);
    expect(await imageFor({ imageTag: '1.0' })).toEqual([`${image.imageName}@${known}`, 0]);
    expect(await imageFor({ imageTag: '9.9' })).toEqual([`${image.imageName}:9.9`, 1]);
  });

  test('a channel that is no tag is told', async () => {
    expect((await shown({ imageTag: 'no tag' })).warnings).toEqual([expect.stringContaining('"no tag" is no valid tag')]);
  });
});

describe('200: the config files', () => {
  test('rendered, in the order of their attachment, those of the placement in place of those of the service', async () => {
    const { id, placed: on } = await placed();
    const fragment = await configFragment(portolan, envId, 'host: ${HOST}');
    const file = await configFile(portolan, envId, 'pin: ${PIN}\nshared: ${SHARED}\nx: ${GONE}\n', {
      fragmentIds: [fragment.id],
    });
    const replaced = await configFile(portolan, envId, 'base');
    const own = await configFile(portolan, envId, 'own $${HOST}');
    await attachment(portolan, id, file.id, { targetPath: '/etc/a' });
    await attachment(portolan, id, replaced.id, { targetPath: '/etc/b' });
    await attachment(portolan, id, own.id, { targetPath: '/etc/b', serviceDeploymentId: on.id });
    const other = await placement(portolan, id);
    await attachment(portolan, id, own.id, { targetPath: '/etc/c', serviceDeploymentId: other.id });
    const { configFiles, warnings, compose } = (await preview(id, on.id)).body;
    const text = `# fragment ${fragment.name}\nhost: db.example.com\n\n# own content\npin: ***\nshared: ***\nx: \${GONE}\n`;
    expect(configFiles).toEqual([
      { name: file.name, content: text, checksum: sha256(text), targetPath: '/etc/a', isBinary: false },
      { name: own.name, content: 'own ${HOST}', checksum: sha256('own ${HOST}'), targetPath: '/etc/b', isBinary: false },
    ]);
    expect(warnings).toContainEqual(expect.stringMatching(new RegExp(`${file.name} names \\$\\{GONE\\}.*\\$\\$\\{GONE\\}`)));
    const { volumes } = parse(compose.content).services[on.containerName];
    expect(volumes.map(({ source, read_only }: any) => [source, read_only])).toEqual([
      ['/etc/a', true],
      ['/etc/b', true],
    ]);
  });

  test('a binary file by the checksum of its bytes', async () => {
    const { id, placed: on } = await placed();
    const bytes = Buffer.from([0, 255, 1]);
    const file = await configFile(portolan, envId, bytes.toString('base64'), { isBinary: true });
    await attachment(portolan, id, file.id);
    const [one] = (await preview(id, on.id)).body.configFiles;
    expect(one).toMatchObject({ isBinary: true, content: '', checksum: createHash('sha256').update(bytes).digest('hex') });
  });
});

describe('200: secrets', () => {
  test('are in no part of the answer, in any form, nor in its checksums', async () => {
    const base64 = Buffer.from('x:canary/pass+word').toString('base64');
    const encoded = encodeURIComponent('canary/pass+word');
    const content = `a: \${PASSWORD} \${SHARED}\nb: canary/pass+word\nc: ${base64}\nd: ${encoded}\n`;
    const composeTemplate = template('x: "${PASSWORD} canary/pass+word ${SHARED} ${PIN}"');
    const { id, placed: on } = await placed({ composeTemplate, baseEnv: { A: '${PASSWORD}' } }, { containerName: 'shop' });
    await attachment(portolan, id, (await configFile(portolan, envId, content)).id);
    const { body, text } = await preview(id, on.id);
    expect(text).not.toMatch(/canary|var-value/);
    expect(text).not.toContain(encoded);
    expect(text).not.toContain(base64.slice(4, 20));
    expect(body.compose.content).toBe(template('x: "*** *** *** ***"').replace(/\n$/, '\n    env_file:\n      - ./shop.env\n'));
    const before = [body.compose.checksum, body.configFiles[0].checksum];
    const { secrets } = (await portolan.call('listSecrets', { path: { envId }, query: { key: 'PIN' } })).body;
    await portolan.call('updateSecret', { path: { id: secrets[0].id }, body: { value: '34' } });
    const after = (await preview(id, on.id)).body;
    expect([after.compose.checksum, after.configFiles[0].checksum]).toEqual(before);
  });
});

describe('400', () => {
  test.each(['a b', '', '-x', 'x'.repeat(129)])('imageTag %j', async (imageTag) => {
    const { id, placed: on } = await placed();
    const answer = await preview(id, on.id, { query: { imageTag } });
    expect([answer.status, answer.body.field]).toEqual([400, 'imageTag']);
  });
});

test('403 for a token without the scope; services:read is enough', async () => {
  const { id, placed: on } = await placed();
  const other = await token(portolan, { scopes: ['configs:read'] });
  expect((await preview(id, on.id, { token: other.token })).status).toBe(403);
  const reader = await token(portolan, { role: 'viewer', environments: [envId], scopes: ['services:read'] });
  expect((await preview(id, on.id, { token: reader.token })).status).toBe(200);
});

describe('404', () => {
  test.each(['example', '01920000-0000-7000-8000-000000000000'])('%s, as service and as placement', async (nobody) => {
    const { id, placed: on } = await placed();
    expect((await preview(nobody, on.id)).status).toBe(404);
    expect((await preview(id, nobody)).status).toBe(404);
  });

  test('a placement of another service, also with a bad query', async () => {
    const { placed: on } = await placed();
    const { id } = await placed();
    expect((await preview(id, on.id, { query: { imageTag: 'a b' } })).status).toBe(404);
  });
});

describe('409', () => {
  test('a template that is no compose document, with the line; nothing of a secret is told', async () => {
    const composeTemplate = 'services:\n  shop:\n    image: "${PASSWORD}\n';
    const { id, placed: on } = await placed({ composeTemplate }, { containerName: 'shop' });
    const answer = await preview(id, on.id);
    expect(answer.status).toBe(409);
    expect(answer.body.details.templateErrors).toEqual([
      { name: 'docker-compose.yml', line: expect.any(Number), column: expect.any(Number), message: expect.any(String) },
    ]);
    expect(answer.text).not.toContain('canary');
  });

  test('a template without the service, and a broken loop of a config file, all at once', async () => {
    const { id, placed: on } = await placed({ composeTemplate: 'services: {}' }, { containerName: 'shop' });
    const file = await configFile(portolan, envId, 'fine');
    await attachment(portolan, id, file.id);
    await portolan.sql(`update config_files set content = E'a\\n{{range servers}}' where id = $1`, [file.id]);
    const { details } = (await preview(id, on.id)).body;
    expect(details.templateErrors.map(({ name, line }: any) => [name, line])).toEqual([
      ['docker-compose.yml', 1],
      [file.name, 2],
    ]);
  });

  test('a loop in two parts, which no check of reach has seen: nothing of another environment is told', async () => {
    const elsewhere = await environment(portolan, 'out-of-reach');
    await server(portolan, elsewhere, { hostname: 'canary.example.com' });
    const { token: limited } = await token(portolan, { role: 'operator', environments: [envId] });
    const fragment = await configFragment(portolan, envId, '{{range servers');
    const content = 'environment="out-of-reach"}}{{.hostname}}{{end}}';
    const members = { filename: 'hosts.json', fragmentIds: [fragment.id] };
    const body = { name: 'hosts', content, ...members };
    const created = await portolan.call('createConfigFile', { path: { envId }, body, token: limited });
    const { id, placed: on } = await placed();
    await attachment(portolan, id, created.body.configFile.id);
    const answer = await preview(id, on.id, { token: limited });
    expect([answer.status, answer.body.details?.templateErrors]).toMatchObject([409, [{ name: 'hosts', line: 1 }]]);
    expect(answer.text).not.toContain('canary.example.com');
  });

  test('a service without an image', async () => {
    const { id, placed: on } = await placed();
    await portolan.sql('update services set container_image_id = null where id = $1', [id]);
    const answer = await preview(id, on.id);
    expect([answer.status, answer.body.details]).toEqual([409, { state: 'no_image' }]);
  });
});
