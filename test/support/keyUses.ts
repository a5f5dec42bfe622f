import { environment } from './fixtures';
import type { Portolan } from './portolan';
import { configFileRow, configFragmentRow, placementRow, serverRow, serviceFileRow, serviceRow, uniqueKey } from './rows';

/** A key and everything that names it, each in its own way, with what the API shows of that; another environment names it too. */
export async function usedKey(portolan: Portolan, environmentId: string) {
  const key = uniqueKey('USED');
  const nameKey = (table: string, column: string, id: string) =>
    portolan.sql(`insert into ${table} (${column}, key) values ($1, $2)`, [id, key]);

  const shop = await serviceRow(portolan, environmentId, { name: 'shop' });
  const blog = await serviceRow(portolan, environmentId, { name: 'blog' });
  const idle = await serviceRow(portolan, environmentId, { name: 'idle' });
  const [web1, web2] = [await serverRow(portolan, shop, 'web-1'), await serverRow(portolan, shop, 'web-2')];
  const shopOnWeb1 = await placementRow(portolan, shop, null, { server_id: web1 });
  const shopOnWeb2 = await placementRow(portolan, shop, null, { server_id: web2 });
  await placementRow(portolan, blog, null, { server_id: web1 });

  const direct = await configFileRow(portolan, environmentId, [key], { name: 'a-direct', filename: 'direct.env' });
  const both = await configFileRow(portolan, environmentId, [key], { name: 'b-both', filename: 'both.env' });
  const included = await configFileRow(portolan, environmentId, [], { name: 'c-included', filename: 'included.env' });
  await configFileRow(portolan, environmentId, [`${key}_OTHER`], { name: 'd-other', filename: 'other.env' });
  await configFragmentRow(portolan, environmentId, [key], [both, included]);
  // In no file, it uses nothing.
  await configFragmentRow(portolan, environmentId, [key]);
  await serviceFileRow(portolan, shop, direct);
  await serviceFileRow(portolan, shop, direct, { service_deployment_id: shopOnWeb1 });
  await serviceFileRow(portolan, shop, both, { service_deployment_id: shopOnWeb2 });
  await serviceFileRow(portolan, idle, both);

  await nameKey('service_keys', 'service_id', shop);
  await nameKey('service_deployment_keys', 'service_deployment_id', shopOnWeb2);
  await nameKey('service_keys', 'service_id', idle);

  const elsewhere = await environment(portolan);
  await configFileRow(portolan, elsewhere, [key]);
  await nameKey('service_keys', 'service_id', await serviceRow(portolan, elsewhere));

  const on = (id: string, name: string, serverName: string) => ({ id, name, serverName });
  const uses = {
    usedByConfigFiles: [
      {
        id: direct,
        name: 'a-direct',
        filename: 'direct.env',
        services: [on(shop, 'shop', 'web-1'), on(shop, 'shop', 'web-2')],
      },
      { id: both, name: 'b-both', filename: 'both.env', services: [on(idle, 'idle', ''), on(shop, 'shop', 'web-2')] },
      { id: included, name: 'c-included', filename: 'included.env', services: [] },
    ],
    usedByServices: [on(idle, 'idle', ''), on(shop, 'shop', 'web-1'), on(shop, 'shop', 'web-2')],
    usageCount: 3,
  };
  return { key, uses };
}
