-- Everything of release R1. Names of constraints are part of the program: store/databaseErrors.ts turns them into answers.

create table environments (
  id uuid primary key,
  name text not null,
  display_name text,
  protected boolean not null default false,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint environments_name_unique unique (name)
);
create index environments_by_created on environments (created_at, id);

-- People and programs -------------------------------------------------------------------------------------------------

create table users (
  id uuid primary key,
  email text not null,
  password_hash text not null,
  name text,
  role text not null default 'viewer',
  disabled boolean not null default false,
  last_active_at timestamptz(3),
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint users_role_known check (role in ('viewer', 'operator', 'admin'))
);
create unique index users_email_unique on users (lower(email));
create index users_by_created on users (created_at, id);

create table service_accounts (
  id uuid primary key,
  name text not null,
  description text,
  role text not null default 'viewer',
  disabled boolean not null default false,
  created_by_user_id uuid references users (id) on delete set null,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint service_accounts_name_unique unique (name),
  constraint service_accounts_role_known check (role in ('viewer', 'operator', 'admin'))
);

create table logins (
  id uuid primary key,
  user_id uuid not null references users (id) on delete cascade,
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null default now()
);
create index logins_by_user on logins (user_id);
create index logins_by_expiry on logins (expires_at);

create table api_tokens (
  id uuid primary key,
  name text not null,
  token_hash bytea not null,
  token_prefix text not null,
  user_id uuid references users (id) on delete cascade,
  service_account_id uuid references service_accounts (id) on delete cascade,
  role text not null,
  scopes text[],
  all_environments boolean not null default false,
  expires_at timestamptz(3) not null,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3),
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint api_tokens_hash_unique unique (token_hash),
  constraint api_tokens_one_owner check ((user_id is null) <> (service_account_id is null)),
  constraint api_tokens_role_known check (role in ('viewer', 'operator', 'admin'))
);
create index api_tokens_by_user on api_tokens (user_id);
create index api_tokens_by_service_account on api_tokens (service_account_id);
create index api_tokens_by_expiry on api_tokens (expires_at);

create table api_token_environments (
  token_id uuid not null references api_tokens (id) on delete cascade,
  environment_id uuid not null references environments (id) on delete cascade,
  primary key (token_id, environment_id)
);
create index api_token_environments_by_environment on api_token_environments (environment_id);

-- The private key is sealed (store/sealing.ts); the public one verifies tokens of every replica.
create table signing_keys (
  id text primary key,
  private_key_sealed text not null,
  public_jwk jsonb not null,
  created_at timestamptz(3) not null default now()
);

-- Every replica keeps recently used credentials in memory; this channel empties them when one of their facts changes.
create function notify_credentials_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('portolan_credentials', tg_table_name);
  return null;
end $$;
create trigger users_credentials_changed after delete or update of role, disabled, email, name, password_hash on users
  for each statement execute function notify_credentials_changed();
create trigger service_accounts_credentials_changed after delete or update of role, disabled on service_accounts
  for each statement execute function notify_credentials_changed();
create trigger logins_credentials_changed after delete on logins
  for each statement execute function notify_credentials_changed();
create trigger api_tokens_credentials_changed after delete or update of role, scopes, revoked_at, expires_at on api_tokens
  for each statement execute function notify_credentials_changed();
create trigger api_token_environments_credentials_changed after delete on api_token_environments
  for each statement execute function notify_credentials_changed();

-- The edge ------------------------------------------------------------------------------------------------------------

-- One row per finished write that carried an Idempotency-Key, committed together with that write.
create table idempotency_keys (
  key_hash bytea primary key,
  body_hash bytea not null,
  status smallint not null,
  location text,
  etag text,
  body_sealed text,
  expires_at timestamptz(3) not null
);
create index idempotency_keys_by_expiry on idempotency_keys (expires_at);

-- Columns as rate-limiter-flexible expects them.
create unlogged table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

-- Append-only. Names are copied, so that history outlives what it is about; hence no foreign keys.
create table audit_logs (
  id uuid primary key,
  action text not null,
  operation_id text not null,
  resource_type text not null,
  resource_id uuid,
  resource_name text,
  details jsonb,
  success boolean not null default true,
  error text,
  request_id text not null,
  user_id uuid,
  user_email text,
  user_name text,
  environment_id uuid,
  environment_name text,
  api_token_id uuid,
  service_account_id uuid,
  batch_id uuid,
  created_at timestamptz(3) not null default now()
);
create index audit_logs_by_created on audit_logs (created_at, id);
create index audit_logs_by_environment on audit_logs (environment_id, created_at, id);
create index audit_logs_by_resource on audit_logs (resource_id, created_at, id);
create index audit_logs_by_resource_type on audit_logs (resource_type, created_at, id);
create index audit_logs_by_action on audit_logs (action, created_at, id);
create index audit_logs_by_user on audit_logs (user_id, created_at, id);
create index audit_logs_failed on audit_logs (created_at, id) where not success;

create table operations (
  id uuid primary key,
  kind text not null,
  state text not null default 'queued',
  resource_type text,
  resource_id uuid,
  environment_id uuid references environments (id) on delete cascade,
  progress_done integer not null default 0,
  progress_total integer,
  created_by_type text not null,
  created_by_id uuid,
  created_by_name text not null,
  started_at timestamptz(3),
  finished_at timestamptz(3),
  cancel_requested boolean not null default false,
  cancellable boolean not null default true,
  result jsonb,
  error jsonb,
  warnings jsonb not null default '[]',
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint operations_state_known check (state in ('queued', 'running', 'succeeded', 'failed', 'cancelled'))
);
create index operations_by_created on operations (created_at, id);
create index operations_by_environment on operations (environment_id, created_at, id);
create index operations_active on operations (environment_id) where state in ('queued', 'running');
create index operations_by_resource on operations (resource_id, created_at, id);
create index operations_by_creator on operations (created_by_id, created_at, id);

-- When each clock job ran last; /ready tells when one is overdue.
create table clock_jobs (
  name text primary key,
  period_seconds integer not null,
  last_run_at timestamptz(3) not null default now()
);

-- Types of services and databases -------------------------------------------------------------------------------------

create table service_types (
  id uuid primary key,
  name text not null,
  display_name text not null,
  source text not null default 'user',
  is_customized boolean not null default false,
  shipped_definition jsonb,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint service_types_name_unique unique (name),
  constraint service_types_source_known check (source in ('shipped', 'user'))
);

create table database_types (
  id uuid primary key,
  name text not null,
  display_name text not null,
  connection_fields jsonb not null,
  backup_command text,
  restore_command text,
  default_port integer,
  monitoring jsonb,
  source text not null default 'user',
  is_customized boolean not null default false,
  shipped_definition jsonb,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint database_types_name_unique unique (name),
  constraint database_types_source_known check (source in ('shipped', 'user')),
  constraint database_types_port_in_range check (default_port between 1 and 65535)
);

-- Commands of both kinds of types: the rules are the same, only the owner differs.
create table type_commands (
  id uuid primary key,
  service_type_id uuid references service_types (id) on delete cascade,
  database_type_id uuid references database_types (id) on delete cascade,
  name text not null,
  display_name text not null,
  command text not null,
  description text,
  sort_order integer not null,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint type_commands_one_owner check ((service_type_id is null) <> (database_type_id is null)),
  constraint type_commands_service_name_unique unique (service_type_id, name),
  constraint type_commands_database_name_unique unique (database_type_id, name),
  constraint type_commands_sort_order_positive check (sort_order >= 0)
);

-- What the last load of the shipped type files did; one row.
create table type_load_status (
  only_row boolean primary key default true,
  sync_result jsonb not null,
  constraint type_load_status_one_row check (only_row)
);

-- The catalogue -------------------------------------------------------------------------------------------------------

create table registries (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  type text not null,
  registry_url text not null,
  repository_prefix text,
  username text,
  token_sealed text,
  password_sealed text,
  is_default boolean not null default false,
  refresh_interval_minutes double precision not null default 30,
  auto_link_pattern text,
  last_refresh_at timestamptz(3),
  last_refresh_status text not null default 'never',
  last_refresh_error jsonb,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint registries_name_unique unique (environment_id, name),
  constraint registries_in_environment unique (environment_id, id),
  constraint registries_type_known check (type in ('digitalocean', 'dockerhub', 'generic')),
  constraint registries_interval_in_range check (refresh_interval_minutes between 5 and 1440),
  constraint registries_refresh_status_known check (last_refresh_status in ('never', 'ok', 'partial', 'failed'))
);
create unique index registries_one_default on registries (environment_id) where is_default;
create index registries_by_default_and_name on registries (environment_id, is_default, name, id);
create index registries_by_created on registries (environment_id, created_at, id);

create table container_images (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  image_name text not null,
  repository text not null,
  tag_filter text not null default 'latest',
  registry_connection_id uuid,
  auto_update boolean not null default false,
  current_tag text,
  latest_tag text,
  latest_digest_id uuid,
  deployed_digest_id uuid,
  update_available boolean not null default false,
  last_checked_at timestamptz(3),
  last_check_error jsonb,
  last_deployed_at timestamptz(3),
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint container_images_image_name_unique unique (environment_id, image_name),
  constraint container_images_repository_unique unique (environment_id, repository),
  constraint container_images_in_environment unique (environment_id, id),
  constraint container_images_registry foreign key (environment_id, registry_connection_id)
    references registries (environment_id, id)
);
create index container_images_by_name on container_images (environment_id, name, id);
create index container_images_by_checked on container_images
  (environment_id, coalesce(last_checked_at, '-infinity'::timestamptz), id);
create index container_images_by_created on container_images (environment_id, created_at, id);
create index container_images_by_registry on container_images (registry_connection_id) where registry_connection_id is not null;

create table image_digests (
  id uuid primary key,
  container_image_id uuid not null references container_images (id) on delete cascade,
  manifest_digest text not null,
  config_digest text,
  media_type text not null,
  tags text[] not null default '{}',
  best_tag text,
  platforms text[] not null default '{}',
  size_bytes bigint,
  eligible boolean not null default false,
  rank integer,
  pushed_at timestamptz(3),
  built_at timestamptz(3),
  discovered_at timestamptz(3) not null default now(),
  last_seen_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  constraint image_digests_digest_unique unique (container_image_id, manifest_digest),
  constraint image_digests_of_image unique (container_image_id, id)
);
create index image_digests_by_rank on image_digests (container_image_id, coalesce(rank, -1),
  coalesce(pushed_at, '-infinity'::timestamptz), discovered_at, id);
alter table container_images
  add constraint container_images_latest_digest foreign key (id, latest_digest_id)
    references image_digests (container_image_id, id) on delete set null (latest_digest_id),
  add constraint container_images_deployed_digest foreign key (id, deployed_digest_id)
    references image_digests (container_image_id, id) on delete set null (deployed_digest_id);

create table services (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  container_image_id uuid,
  image_tag text not null default 'latest',
  compose_template text,
  health_check_url text,
  base_env jsonb not null default '{}',
  deploy_strategy text not null default 'sequential',
  service_type_id uuid,
  health_wait_ms integer not null default 30000,
  health_retries integer not null default 3,
  health_interval_ms integer not null default 5000,
  desired_state text not null default 'started',
  drifted boolean not null default false,
  update_available boolean not null default false,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint services_name_unique unique (environment_id, name),
  constraint services_in_environment unique (environment_id, id),
  constraint services_container_image foreign key (environment_id, container_image_id)
    references container_images (environment_id, id),
  constraint services_service_type foreign key (service_type_id) references service_types (id),
  constraint services_strategy_known check (deploy_strategy in ('sequential', 'parallel')),
  constraint services_desired_state_known check (desired_state in ('started', 'stopped'))
);
create index services_by_created on services (environment_id, created_at, id);
create index services_by_updated on services (environment_id, updated_at, id);
create index services_by_image on services (container_image_id, name, id);
create index services_by_type on services (service_type_id, environment_id);

-- Exact totals of lists without counting rows at each page. Sixteen slots a list keep concurrent writers from waiting for
-- each other; a total is the sum over them. Rows of no environment count under the nil id.
create table list_counts (
  list text not null,
  environment_id uuid not null,
  slot smallint not null,
  row_count bigint not null,
  primary key (list, environment_id, slot)
);
create function count_listed_rows() returns trigger language plpgsql as $$
begin
  insert into list_counts as present (list, environment_id, slot, row_count)
    select tg_table_name, coalesce(changed.environment_id, '00000000-0000-0000-0000-000000000000'), pg_backend_pid() % 16,
           case tg_op when 'INSERT' then count(*) else -count(*) end
    from changed group by 2
    on conflict (list, environment_id, slot) do update set row_count = present.row_count + excluded.row_count;
  return null;
end $$;
create trigger registries_counted_in after insert on registries
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger registries_counted_out after delete on registries
  referencing old table as changed for each statement execute function count_listed_rows();
create trigger container_images_counted_in after insert on container_images
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger container_images_counted_out after delete on container_images
  referencing old table as changed for each statement execute function count_listed_rows();
create trigger services_counted_in after insert on services
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger services_counted_out after delete on services
  referencing old table as changed for each statement execute function count_listed_rows();
create trigger audit_logs_counted_in after insert on audit_logs
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger audit_logs_counted_out after delete on audit_logs
  referencing old table as changed for each statement execute function count_listed_rows();
