-- How a walk of an image ended, for those who waited for its end instead of walking themselves.
alter table image_checks add column outcome jsonb;

-- Whether manifest and config of a digest were read. Optional requests may be refused, and are made up for later.
alter table image_digests add column has_facts boolean not null default false;

-- The job whose refresh was written last. Its worker may die before it tells the queue; the job is then taken up again, and
-- has nothing left to do.
alter table registry_refreshes add column done_job_id text;
