import type { RegistryClient } from '../../../src/integrations/oci/client';
import { describeWithRegistry } from '../../support/registry/binary';
import { storeManyRepositories, storeManyTags } from '../../support/registry/bulk';
import { accessTo, clientFor } from '../../support/registry/client';
import { deleteDigest, pushImage } from '../../support/registry/images';
import { startRegistry, type TestRegistry } from '../../support/registry/registry';

/** Lists of a real registry, to their end. */

describeWithRegistry.each(['none', 'htpasswd', 'token'] as const)('lists of a registry with auth %s', (auth) => {
  let registry: TestRegistry;
  let client: RegistryClient;
  let names: string[];
  let tags: string[];
  beforeAll(async () => {
    registry = await startRegistry({ auth });
    client = clientFor(registry);
    names = storeManyRepositories(registry, 'fleet', 300, 2);
    tags = [...storeManyTags(registry, 'harbour/many', 1500, 5).keys()];
  });
  afterAll(async () => {
    await client.close();
    await registry.close();
  });

  test('all repositories come, page after page', async () => {
    const listed = await client.repositories(accessTo(registry));
    expect(listed.truncated).toBe(false);
    expect(listed.entries.map(({ name }) => name).sort()).toEqual([...names, 'harbour/many'].sort());
  });

  test('all 1 500 tags come, each once', async () => {
    const listed = await client.tags(accessTo(registry), 'harbour/many');
    expect(listed.truncated).toBe(false);
    expect(listed.entries.map(({ tag }) => tag).sort()).toEqual([...tags].sort());
  });

  test('a list that is cut says so', async () => {
    const repositories = await client.repositories(accessTo(registry), { most: 250 });
    expect(repositories).toMatchObject({ truncated: true });
    expect(repositories.entries).toHaveLength(250);
    const cut = await client.tags(accessTo(registry), 'harbour/many', { most: 1499 });
    expect(cut).toMatchObject({ truncated: true });
    expect(cut.entries).toHaveLength(1499);
  });

  test('a list that just fits is not called cut', async () => {
    const repositories = await client.repositories(accessTo(registry), { most: 301 });
    expect(repositories).toMatchObject({ truncated: false });
    expect(repositories.entries).toHaveLength(301);
    const whole = await client.tags(accessTo(registry), 'harbour/many', { most: 1500 });
    expect(whole).toMatchObject({ truncated: false });
    expect(whole.entries).toHaveLength(1500);
  });

  test('a repository without tags has an empty list', async () => {
    const { digest } = await pushImage(registry, 'harbour/emptied', ['1.0.0']);
    await deleteDigest(registry, 'harbour/emptied', digest);
    expect(await client.tags(accessTo(registry), 'harbour/emptied')).toEqual({ entries: [], truncated: false });
  });

  test('a repository that does not exist is not_found, by name', async () => {
    await expect(client.tags(accessTo(registry), 'harbour/missing')).rejects.toMatchObject({
      failure: { reason: 'not_found', status: 404, message: expect.stringContaining('harbour/missing') },
    });
  });
});

describeWithRegistry('pages of the catalog', () => {
  let registry: TestRegistry;
  afterAll(() => registry.close());

  // The registry sends a Link for as long as a page is full: the last page may be an empty one.
  test.each([99, 100, 101, 200, 1000, 1001])('%s repositories all come', async (count) => {
    registry ??= await startRegistry();
    const prefix = `fleet-${count}`;
    storeManyRepositories(registry, prefix, count, 1);
    const client = clientFor(registry);
    const { entries } = await client.repositories(accessTo(registry));
    await client.close();
    expect(entries.filter(({ name }) => name.startsWith(`${prefix}/`))).toHaveLength(count);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });
});
