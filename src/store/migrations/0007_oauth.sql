-- What the token service of /uaa keeps.

-- Of the refresh tokens of a login each takes the place of the one before. Used ones stay as long as their login, so that a
-- second use is noticed; it ends the login.
create table refresh_tokens (
  token_hash bytea primary key,
  login_id uuid not null references logins (id) on delete cascade,
  used_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index refresh_tokens_by_login on refresh_tokens (login_id);

-- Access tokens that ended before their time while what they were made from lives on.
create table revoked_access_tokens (
  id uuid primary key,
  expires_at timestamptz(3) not null
);
create index revoked_access_tokens_by_expiry on revoked_access_tokens (expires_at);
create trigger revoked_access_tokens_credentials_changed after insert on revoked_access_tokens
  for each statement execute function notify_credentials_changed();
