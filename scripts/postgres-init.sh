#!/bin/sh
# Runs once, on an empty volume: the engine gets its own role and makes its own databases; it never sees ours.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$TEMPORAL_DB_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'password';
REVOKE CONNECT ON DATABASE spiral FROM PUBLIC;
SQL
