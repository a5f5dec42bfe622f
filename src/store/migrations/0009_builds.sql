-- Since when the registry no longer has the manifest of a droplet that stays all the same.
alter table droplets add column manifest_lost_at timestamptz(3);

-- Whose manifest was looked for the longest ago.
create index droplets_by_manifest_check on droplets ((coalesce(manifest_checked_at, '-infinity'::timestamptz)))
  where state = 'STAGED' and image_digest_id is not null;
