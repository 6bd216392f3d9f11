#!/bin/sh
# The engine's tables, made or brought up to this release's; changes nothing that is there already. The databases were
# made for the role `temporal` by `postgres-init.sh`.
set -eu
export SQL_PLUGIN=postgres12
SQL_PASSWORD=$(head -n 1 "${SECRETS:-/run/secrets}/temporal_password")
export SQL_PASSWORD
for database in temporal:temporal temporal_visibility:visibility; do
  SQL_DATABASE=${database%%:*}
  export SQL_DATABASE
  temporal-sql-tool setup-schema --version 0.0
  temporal-sql-tool update-schema --schema-name "postgresql/v12/${database##*:}"
done
