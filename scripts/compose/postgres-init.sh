#!/bin/sh
# Runs once, on an empty volume: a role for each part, and none of them owns what is another's. `temporal` owns the
# engine's databases and never sees ours; `spiral_owner` owns ours and migrates; `spiral_app` works with it, and can
# neither alter nor remove what is on record (`grants.sql`, after each migration).
set -eu
SECRETS=${SECRETS:-/run/secrets}

# scheme://role:PASSWORD@host…
password_in() {
  sed -n 's|^[^:]*://[^:]*:\([^@]*\)@.*$|\1|p' "$SECRETS/$1" | head -n 1
}

# By the environment, not by an argument: arguments are seen by every process of the machine.
TEMPORAL_PASSWORD=$(head -n 1 "$SECRETS/temporal_password")
OWNER_PASSWORD=$(password_in spiral_owner_url)
APP_PASSWORD=$(password_in spiral_app_url)
export TEMPORAL_PASSWORD OWNER_PASSWORD APP_PASSWORD
for name in TEMPORAL_PASSWORD OWNER_PASSWORD APP_PASSWORD; do
  if [ -z "$(printenv "$name")" ]; then
    echo "秘密のファイルにパスワードがありません / no password in the secret's file: $name ($SECRETS)" >&2
    exit 1
  fi
done

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv temporal_password TEMPORAL_PASSWORD
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD
SET password_encryption = 'scram-sha-256';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE spiral_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE spiral_app LOGIN PASSWORD :'app_password';
CREATE DATABASE temporal OWNER temporal TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE temporal_visibility OWNER temporal TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE spiral OWNER spiral_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE temporal, temporal_visibility, spiral, postgres FROM PUBLIC;
GRANT CONNECT ON DATABASE spiral TO spiral_app;
\connect spiral
ALTER SCHEMA public OWNER TO spiral_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO spiral_app;
SQL
