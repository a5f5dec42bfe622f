-- Hosts and configuration: servers, placements, vars, secrets, config files, settings.

-- Servers ---------------------------------------------------------------------------------------------------------------

alter table servers
  add column hostname text not null,
  add column public_ip text,
  add column tags jsonb not null default '[]',
  add column docker_mode text not null default 'ssh',
  add column metrics_mode text not null default 'disabled',
  add column ssh_port integer not null default 22,
  add column host_key_fingerprint text,
  add column status text not null default 'unknown',
  add column server_type text not null default 'remote',
  add column last_checked_at timestamptz(3),
  add column last_health_check_status text,
  add column last_health_check_at timestamptz(3),
  add column last_health_check_type text,
  add column last_health_check_duration_ms integer,
  add column last_health_check_error text,
  add column version integer not null default 1,
  add constraint servers_name_unique unique (environment_id, name);
create index servers_by_created on servers (environment_id, created_at, id);
create index servers_by_hostname on servers (environment_id, hostname);
create index servers_by_tag on servers using gin (tags jsonb_path_ops);

-- Samples of a server; null is what was not collected.
create table server_metrics (
  id uuid primary key,
  server_id uuid not null references servers (id) on delete cascade,
  collected_at timestamptz(3) not null,
  source text not null,
  cpu_percent double precision,
  memory_used_mb double precision,
  memory_total_mb double precision,
  swap_used_mb double precision,
  swap_total_mb double precision,
  disk_used_gb double precision,
  disk_total_gb double precision,
  load_avg_1 double precision,
  load_avg_5 double precision,
  load_avg_15 double precision,
  uptime_seconds bigint,
  open_fds bigint,
  max_fds bigint,
  tcp_established bigint,
  tcp_listen bigint,
  tcp_time_wait bigint,
  tcp_close_wait bigint,
  tcp_total bigint
);
create index server_metrics_by_server on server_metrics (server_id, collected_at, id);
-- Rows come in the order of time: the sweep finds the old ones by a few pages.
create index server_metrics_by_time on server_metrics using brin (collected_at);

-- What was found when something was looked at. Names stay when the thing is gone.
create table health_logs (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  resource_type text not null,
  resource_id uuid not null,
  resource_name text not null,
  check_type text not null,
  status text not null,
  duration_ms integer,
  http_status integer,
  error_message text,
  created_at timestamptz(3) not null default now()
);
create index health_logs_by_environment on health_logs (environment_id, created_at, id);
create index health_logs_by_time on health_logs using brin (created_at);

-- Placements ------------------------------------------------------------------------------------------------------------

alter table service_deployments
  add column container_name text not null,
  add column compose_path text,
  add column env_overrides jsonb not null default '{}',
  add column exposed_ports jsonb not null default '[]',
  add column status text not null default 'unknown',
  add column container_status text not null default 'unknown',
  add column health_status text not null default 'unknown',
  add column discovery_status text not null default 'pending',
  add column running_digest text,
  add column last_checked_at timestamptz(3),
  add column last_discovered_at timestamptz(3),
  add column last_deployed_at timestamptz(3),
  add column last_health_check_status text,
  add column last_health_check_at timestamptz(3),
  add column last_health_check_type text,
  add column last_health_check_duration_ms integer,
  add column last_health_check_error text,
  add column version integer not null default 1,
  add constraint service_deployments_server_unique unique (service_id, server_id),
  add constraint service_deployments_container_name_unique unique (server_id, container_name),
  -- A server with placements is in use; an environment takes both along.
  drop constraint service_deployments_server_id_fkey,
  add constraint service_deployments_server foreign key (server_id) references servers (id);

-- It follows from the placements and the current droplet, and is read from them.
alter table services drop column drifted;

-- Vars and secrets ------------------------------------------------------------------------------------------------------

create table vars (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  key text not null collate "C",
  value text not null,
  description text,
  value_updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint vars_key_unique unique (environment_id, key)
);
create index vars_by_updated on vars (environment_id, updated_at, id);

create table secrets (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  key text not null collate "C",
  value_sealed text not null,
  description text,
  never_reveal boolean not null default false,
  value_updated_at timestamptz(3) not null default now(),
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint secrets_key_unique unique (environment_id, key)
);
create index secrets_by_updated on secrets (environment_id, updated_at, id);

-- Config fragments and files --------------------------------------------------------------------------------------------

create table config_fragments (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  description text,
  content text not null,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint config_fragments_name_unique unique (environment_id, name)
);
create index config_fragments_by_updated on config_fragments (environment_id, updated_at, id);

-- The bytes of a binary file are in `bytes`, the text of any other in `content`; the other one is null.
create table config_files (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  filename text not null,
  description text,
  is_binary boolean not null default false,
  content text,
  bytes bytea,
  mime_type text,
  file_size integer not null,
  checksum text not null,
  auto_resync boolean not null default true,
  language text not null,
  language_given boolean not null default false,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint config_files_name_unique unique (environment_id, name),
  constraint config_files_one_content check ((content is null) = is_binary and (bytes is not null) = is_binary)
);
create index config_files_by_updated on config_files (environment_id, updated_at, id);
alter table config_files alter column bytes set storage external;

create table config_file_fragments (
  config_file_id uuid not null references config_files (id) on delete cascade,
  position integer not null,
  fragment_id uuid not null,
  primary key (config_file_id, position),
  constraint config_file_fragments_once unique (config_file_id, fragment_id),
  constraint config_file_fragments_fragment foreign key (fragment_id) references config_fragments (id)
);
create index config_file_fragments_by_fragment on config_file_fragments (fragment_id);

-- Former contents of a file. Who edited it is kept by name, which outlives the account.
create table config_file_history (
  id uuid primary key,
  config_file_id uuid not null references config_files (id) on delete cascade,
  is_binary boolean not null,
  content text,
  bytes bytea,
  checksum text not null,
  edited_at timestamptz(3) not null default now(),
  edited_by text
);
create index config_file_history_by_file on config_file_history (config_file_id, edited_at, id);

-- Which keys are named as ${KEY}, found by the parser that substitutes them. The environment leads the indexes: many
-- environments have the same keys.
create table config_file_keys (
  config_file_id uuid not null references config_files (id) on delete cascade,
  key text not null collate "C",
  environment_id uuid not null,
  primary key (config_file_id, key)
);
create index config_file_keys_by_key on config_file_keys (environment_id, key, config_file_id);
create table config_fragment_keys (
  fragment_id uuid not null references config_fragments (id) on delete cascade,
  key text not null collate "C",
  environment_id uuid not null,
  primary key (fragment_id, key)
);
create index config_fragment_keys_by_key on config_fragment_keys (environment_id, key, fragment_id);
-- In the environment variables and the compose template of a service, and in the overrides of a placement.
create table service_keys (
  service_id uuid not null references services (id) on delete cascade,
  key text not null collate "C",
  environment_id uuid not null,
  primary key (service_id, key)
);
create index service_keys_by_key on service_keys (environment_id, key, service_id);
create table service_deployment_keys (
  service_deployment_id uuid not null references service_deployments (id) on delete cascade,
  key text not null collate "C",
  environment_id uuid not null,
  primary key (service_deployment_id, key)
);
create index service_deployment_keys_by_key on service_deployment_keys (environment_id, key, service_deployment_id);

-- Whoever writes keys names what they stand in; its environment never changes.
create function set_environment_of_key() returns trigger language plpgsql as $$
begin
  case tg_table_name
    when 'config_file_keys' then
      new.environment_id := (select environment_id from config_files where id = new.config_file_id);
    when 'config_fragment_keys' then
      new.environment_id := (select environment_id from config_fragments where id = new.fragment_id);
    when 'service_keys' then
      new.environment_id := (select environment_id from services where id = new.service_id);
    when 'service_deployment_keys' then
      new.environment_id := (select environment_id from services where id =
        (select service_id from service_deployments where id = new.service_deployment_id));
  end case;
  return new;
end $$;
do $$
declare keyed text;
begin
  foreach keyed in array array['config_file_keys', 'config_fragment_keys', 'service_keys', 'service_deployment_keys'] loop
    execute format('create trigger %1$s_environment before insert on %1$s
      for each row execute function set_environment_of_key()', keyed);
  end loop;
end $$;

-- A base attachment (without a placement) serves every placement of the service, an override one.
create table service_files (
  id uuid primary key,
  service_id uuid not null references services (id) on delete cascade,
  config_file_id uuid not null,
  service_deployment_id uuid references service_deployments (id) on delete cascade,
  target_path text not null,
  -- Where the path leads to, however it is written: /a//b and /a/./b are /a/b.
  place text not null generated always as (regexp_replace(target_path, '/([.]?/)+', '/', 'g')) stored,
  version integer not null default 1,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint service_files_config_file foreign key (config_file_id) references config_files (id)
);
create unique index service_files_base_once on service_files (service_id, config_file_id) where service_deployment_id is null;
create unique index service_files_override_once on service_files (service_deployment_id, config_file_id) where service_deployment_id is not null;
create unique index service_files_base_target on service_files (service_id, place) where service_deployment_id is null;
create unique index service_files_override_target on service_files (service_deployment_id, place) where service_deployment_id is not null;
create index service_files_by_service on service_files (service_id, created_at, id);
create index service_files_by_config_file on service_files (config_file_id);

-- What was delivered to which placement, by checksum of the rendered file.
create table service_file_deliveries (
  service_file_id uuid not null references service_files (id) on delete cascade,
  service_deployment_id uuid not null references service_deployments (id) on delete cascade,
  checksum text not null,
  delivered_at timestamptz(3) not null default now(),
  primary key (service_file_id, service_deployment_id)
);
create index service_file_deliveries_by_placement on service_file_deliveries (service_deployment_id);

-- Settings --------------------------------------------------------------------------------------------------------------

-- A key that is set anew takes up no version of the one before it, whose ETag is not to match again.
create sequence environment_ssh_versions as integer;
create table environment_ssh (
  environment_id uuid primary key references environments (id) on delete cascade,
  private_key_sealed text not null,
  ssh_user text not null,
  key_type text not null,
  fingerprint text not null,
  version integer not null default nextval('environment_ssh_versions'),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- What differs from the defaults, by module.
create table environment_settings (
  environment_id uuid not null references environments (id) on delete cascade,
  module text not null,
  settings jsonb not null,
  version integer not null default 1,
  updated_at timestamptz(3) not null default now(),
  primary key (environment_id, module)
);

create table system_settings (
  only_row boolean primary key default true,
  settings jsonb not null default '{}',
  version integer not null default 1,
  updated_at timestamptz(3) not null default now(),
  constraint system_settings_only_row check (only_row)
);
insert into system_settings default values;

-- Every process keeps the settings in memory; this tells them to read them again, once the change is committed.
create function tell_of_settings() returns trigger language plpgsql as $$
begin
  perform pg_notify('portolan_settings', '');
  return null;
end $$;
create trigger system_settings_told after update on system_settings for each statement execute function tell_of_settings();

-- Totals of the lists -----------------------------------------------------------------------------------------------------

do $$
declare listed text;
begin
  foreach listed in array array['servers', 'vars', 'secrets', 'config_fragments', 'config_files'] loop
    execute format('create trigger %1$s_counted_in after insert on %1$s
      referencing new table as changed for each statement execute function count_listed_rows()', listed);
    execute format('create trigger %1$s_counted_out after delete on %1$s
      referencing old table as changed for each statement execute function count_listed_rows()', listed);
  end loop;
end $$;
