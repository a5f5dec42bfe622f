-- Totals of the long lists of /v3 without counting rows at each page.

insert into list_counts (list, environment_id, slot, row_count)
  select 'packages', environment_id, 0, count(*) from packages group by environment_id
  union all select 'droplets', environment_id, 0, count(*) from droplets group by environment_id
  union all select 'builds', environment_id, 0, count(*) from builds group by environment_id;
create trigger packages_counted_in after insert on packages
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger packages_counted_out after delete on packages
  referencing old table as changed for each statement execute function count_listed_rows();
create trigger droplets_counted_in after insert on droplets
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger droplets_counted_out after delete on droplets
  referencing old table as changed for each statement execute function count_listed_rows();
create trigger builds_counted_in after insert on builds
  referencing new table as changed for each statement execute function count_listed_rows();
create trigger builds_counted_out after delete on builds
  referencing old table as changed for each statement execute function count_listed_rows();

-- Droplets that are not listed yet are few: they are taken from the total.
create index droplets_staging on droplets (environment_id) where state = 'STAGING';

-- What replicas remember of a credential says whether the installation is suspended.
create trigger installation_credentials_changed after update on installation
  for each row when (old.suspended is distinct from new.suspended) execute function notify_credentials_changed();
