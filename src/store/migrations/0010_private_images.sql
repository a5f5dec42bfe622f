-- Whether an image was read with credentials of its package: those may be gone by the time it is copied, the need is not.
alter table droplets add column needs_credentials boolean not null default false;
