-- Watching registries: when each is read next, what hosts asked for, what was found, and what follows from it.

-- When a connection is refreshed next. Apart from `registries`, so that the schedule never waits for a change of the
-- connection, nor the other way round. `run_id` names the refresh that may write results: another one has taken over
-- from a refresh whose id is no longer here.
create table registry_refreshes (
  registry_id uuid primary key references registries (id) on delete cascade,
  next_refresh_at timestamptz(3) not null default now(),
  failures integer not null default 0,
  run_id uuid,
  run_until timestamptz(3)
);
create index registry_refreshes_due on registry_refreshes (next_refresh_at);

-- The same for each image. `next_check_at` only matters for images that no connection serves: refreshes of connections
-- keep pushing it out for theirs.
create table image_checks (
  container_image_id uuid primary key references container_images (id) on delete cascade,
  next_check_at timestamptz(3) not null default now(),
  failures integer not null default 0,
  run_id uuid,
  run_until timestamptz(3)
);
create index image_checks_due on image_checks (next_check_at);

create function plan_first_refresh() returns trigger language plpgsql as $$
begin
  insert into registry_refreshes (registry_id) select id from created;
  return null;
end $$;
create trigger registries_planned after insert on registries
  referencing new table as created for each statement execute function plan_first_refresh();
create function plan_first_check() returns trigger language plpgsql as $$
begin
  insert into image_checks (container_image_id) select id from created;
  return null;
end $$;
create trigger container_images_planned after insert on container_images
  referencing new table as created for each statement execute function plan_first_check();
insert into registry_refreshes (registry_id) select id from registries;
insert into image_checks (container_image_id) select id from container_images;

-- Host of the normal form: images that a connection may serve are found by it.
alter table container_images add column host text generated always as (split_part(repository, '/', 1)) stored;
create index container_images_by_host on container_images (environment_id, host) where registry_connection_id is null;

-- What a registry host asked of its clients; every replica keeps to it.
create table registry_hosts (
  host text primary key,
  paused_until timestamptz(3),
  pause_reason text,
  rate_limit integer,
  rate_remaining integer,
  rate_reset_at timestamptz(3),
  updated_at timestamptz(3) not null default now()
);

-- Who may send requests to a host now. Leases, so that those of a killed process come back; unlogged, since after a
-- crash of the database nobody holds any.
create unlogged table registry_slots (
  host text not null,
  slot smallint not null,
  holder uuid not null,
  expires_at timestamptz(3) not null,
  primary key (host, slot)
);

-- Workers that are alive; jobs of those that fell silent are given free.
create table worker_processes (
  id uuid primary key,
  worker_ids text[] not null default '{}',
  seen_at timestamptz(3) not null default now()
);

alter table image_digests add column etag text;

-- What runs or is pinned. Only as far as the answer to "is there something newer" needs it.
create table droplets (
  id uuid primary key,
  service_id uuid not null references services (id) on delete cascade,
  image_digest_id uuid references image_digests (id) on delete set null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  constraint droplets_of_service unique (service_id, id)
);
create index droplets_by_digest on droplets (image_digest_id);
alter table services
  add column current_droplet_id uuid,
  add constraint services_current_droplet foreign key (id, current_droplet_id)
    references droplets (service_id, id) on delete set null (current_droplet_id) deferrable;
create table servers (
  id uuid primary key,
  environment_id uuid not null references environments (id) on delete cascade,
  name text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index servers_by_environment on servers (environment_id, name, id);
create table service_deployments (
  id uuid primary key,
  service_id uuid not null references services (id) on delete cascade,
  server_id uuid not null references servers (id) on delete cascade,
  image_digest_id uuid references image_digests (id) on delete set null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index service_deployments_by_service on service_deployments (service_id, created_at, id);
create index service_deployments_by_server on service_deployments (server_id);
create index service_deployments_by_digest on service_deployments (image_digest_id);

-- A digest is tried once for each service; asking again with retryFailed forgets the attempt.
create table auto_update_attempts (
  service_id uuid not null references services (id) on delete cascade,
  image_digest_id uuid not null references image_digests (id) on delete cascade,
  operation_id uuid not null,
  created_at timestamptz(3) not null default now(),
  primary key (service_id, image_digest_id)
);
create index auto_update_attempts_by_digest on auto_update_attempts (image_digest_id);
