-- Droplets, what they are made of, and what is told of all this under /v3.

-- The installation as a whole: the one organization that clients of /v3 see.
create table installation (
  only_row boolean primary key default true,
  id uuid not null default gen_random_uuid(),
  suspended boolean not null default false,
  created_at timestamptz(3) not null default date_trunc('second', now()),
  updated_at timestamptz(3) not null default date_trunc('second', now()),
  constraint installation_only_row check (only_row)
);
insert into installation default values;

-- The order in which things came, for lists that nobody sorted.
alter table services add column seq bigint generated always as identity;
create index services_by_seq on services (environment_id, seq);
alter table environments add column seq bigint generated always as identity;

-- What a service is made from: an image by name, with credentials of its own where it needs some.
create table packages (
  id uuid primary key,
  seq bigint generated always as identity,
  environment_id uuid not null,
  service_id uuid not null,
  image text not null,
  username text,
  password_sealed text,
  created_at timestamptz(3) not null default date_trunc('second', now()),
  updated_at timestamptz(3) not null default date_trunc('second', now()),
  constraint packages_service foreign key (environment_id, service_id)
    references services (environment_id, id) on delete cascade,
  constraint packages_of_service unique (service_id, id)
);
create index packages_by_environment on packages (environment_id, seq);
create index packages_by_service on packages (service_id, seq);

-- A service pinned to an image. Without an environment of its own it could only be listed through its service.
alter table droplets
  drop constraint droplets_service_id_fkey,
  add column seq bigint generated always as identity,
  add column environment_id uuid,
  add column state text not null default 'STAGED',
  add column error text,
  add column image text,
  add column execution_metadata text,
  add column process_types jsonb,
  add column package_id uuid,
  add column expired_at timestamptz(3),
  add column manifest_checked_at timestamptz(3),
  add constraint droplets_state_known check (state in ('STAGING', 'STAGED', 'FAILED', 'EXPIRED')),
  add constraint droplets_package foreign key (service_id, package_id)
    references packages (service_id, id) on delete set null (package_id);
update droplets set environment_id = services.environment_id from services where services.id = droplets.service_id;
alter table droplets
  alter column environment_id set not null,
  alter column created_at set default date_trunc('second', now()),
  alter column updated_at set default date_trunc('second', now()),
  add constraint droplets_service foreign key (environment_id, service_id)
    references services (environment_id, id) on delete cascade;
create index droplets_by_environment on droplets (environment_id, seq);
create index droplets_by_seq on droplets (seq);
create index droplets_by_created on droplets (created_at, id);
create index droplets_by_updated on droplets (updated_at, id);
create index droplets_by_service on droplets (service_id, seq);
create index droplets_by_package on droplets (package_id, seq) where package_id is not null;
create index droplets_expired on droplets (expired_at) where state = 'EXPIRED';

-- What is current stays: nothing but another choice, or the end of the service, takes it away.
alter table services
  drop constraint services_current_droplet,
  add column current_droplet_set_at timestamptz(3),
  add column current_droplet_set_by text,
  add constraint services_current_droplet foreign key (id, current_droplet_id) references droplets (service_id, id);
create index services_by_current_droplet on services (current_droplet_id) where current_droplet_id is not null;

-- One resolution of a package: its tag to a digest, its image config to start data. The package may be gone; its id stays.
create table builds (
  id uuid primary key,
  seq bigint generated always as identity,
  environment_id uuid not null,
  service_id uuid not null,
  package_id uuid not null,
  droplet_id uuid,
  state text not null default 'STAGING',
  error text,
  staging_memory_in_mb integer,
  staging_disk_in_mb integer,
  staging_log_rate_limit_bytes_per_second bigint,
  created_by_type text not null,
  created_by_id uuid,
  created_by_name text not null,
  created_by_email text not null,
  created_at timestamptz(3) not null default date_trunc('second', now()),
  updated_at timestamptz(3) not null default date_trunc('second', now()),
  constraint builds_state_known check (state in ('STAGING', 'STAGED', 'FAILED')),
  constraint builds_service foreign key (environment_id, service_id)
    references services (environment_id, id) on delete cascade,
  constraint builds_droplet foreign key (service_id, droplet_id)
    references droplets (service_id, id) on delete set null (droplet_id)
);
create unique index builds_one_running on builds (service_id) where state = 'STAGING';
create index builds_by_environment on builds (environment_id, seq);
create index builds_by_service on builds (service_id, seq);
create index builds_by_package on builds (package_id, seq);
create index builds_by_droplet on builds (droplet_id) where droplet_id is not null;

-- Labels and annotations of everything that has some. The key without prefix has the prefix ''.
create table labels (
  resource_type text not null,
  resource_id uuid not null,
  prefix text not null default '',
  name text not null,
  value text not null,
  constraint labels_key primary key (resource_type, resource_id, prefix, name)
);
create index labels_by_value on labels (resource_type, prefix, name, value, resource_id);
create table annotations (
  resource_type text not null,
  resource_id uuid not null,
  prefix text not null default '',
  name text not null,
  value text not null,
  constraint annotations_key primary key (resource_type, resource_id, prefix, name)
);

-- They go with what they describe, however that goes: the arguments are the types under which a table's rows have some.
create function drop_metadata() returns trigger language plpgsql as $$
begin
  delete from labels where resource_type = any(tg_argv) and resource_id in (select id from gone);
  delete from annotations where resource_type = any(tg_argv) and resource_id in (select id from gone);
  return null;
end $$;
create trigger environments_metadata after delete on environments
  referencing old table as gone for each statement execute function drop_metadata('space');
create trigger services_metadata after delete on services
  referencing old table as gone for each statement execute function drop_metadata('app', 'process');
create trigger packages_metadata after delete on packages
  referencing old table as gone for each statement execute function drop_metadata('package');
create trigger droplets_metadata after delete on droplets
  referencing old table as gone for each statement execute function drop_metadata('droplet');
create trigger builds_metadata after delete on builds
  referencing old table as gone for each statement execute function drop_metadata('build');
