-- What an operation was asked for, beside its resource.
alter table operations add column parameters jsonb not null default '{}';

-- A key without a status is claimed: its request talks to other systems and holds no transaction meanwhile. `expires_at`
-- is the end of its lease.
alter table idempotency_keys alter column status drop not null;
