/** The statements of getRegistry and updateRegistry, as the peers issue them. */
const { randomUUID } = require('node:crypto');

const count = '(select count(*) from container_images where registry_connection_id = registries.id) as image_count';
const readRegistry = `select registries.*, ${count} from registries where id = $1`;
const lockRegistry = `${readRegistry} for update of registries`;
const updateRegistry = `with soon as (
    update registry_refreshes set next_refresh_at = least(next_refresh_at, now() + interval '1 second') where registry_id = $11),
  moved as (
    update image_checks set next_check_at = least(next_check_at, now()) from container_images image
    where image.id = container_image_id and image.environment_id = (select environment_id from registries where id = $11)
      and image.host = any($12) and image.registry_connection_id is null)
  update registries set name = $1, type = $2, registry_url = $3, repository_prefix = $4, username = $5,
  token_sealed = $6, password_sealed = $7, is_default = $8, refresh_interval_minutes = $9, auto_link_pattern = $10,
  version = version + 1, updated_at = now() where id = $11 returning *, ${count}`;
const insertAudit = `with told as (
    insert into events (type, environment_id, resource_type, data) values ('resource_changed', $8, 'registry', $9))
  insert into audit_logs (id, action, operation_id, resource_type, resource_id, resource_name, details, success,
  request_id, user_id, user_email, environment_id, environment_name)
  values ($1, 'update', 'updateRegistry', 'registry', $2, $3, $4, true, $5, $6, $7, $8, (select name from environments where id = $8))`;

const updateValues = (body, id) => [
  body.name,
  body.type,
  body.registryUrl,
  body.repositoryPrefix,
  body.username,
  body.token,
  body.password,
  body.isDefault,
  body.refreshIntervalMinutes,
  body.autoLinkPattern,
  id,
  ['', ':80', ':443'].map((port) => `${body.registryUrl}${port}`),
];
const details = JSON.stringify({ changed: ['name', 'username'] });
const auditValues = (row) => [
  randomUUID(),
  row.id,
  row.name,
  details,
  `req_${randomUUID()}`,
  null,
  'bench@example.com',
  row.environment_id,
  JSON.stringify({ environmentId: row.environment_id, resourceType: 'registry', resourceId: row.id, action: 'update' }),
];

module.exports = { readRegistry, lockRegistry, updateRegistry, insertAudit, updateValues, auditValues };
