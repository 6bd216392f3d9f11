#!/bin/sh
# The rights of `spiral_app`, given by the owner after each migration. May run as often as one likes.
set -eu
# psql reads the same URL without the name of Python's driver; the password goes by the environment, since arguments are
# seen by every process of the machine.
url=$(head -n 1 "${SECRETS:-/run/secrets}/spiral_owner_url" | sed 's|^postgresql+psycopg://|postgresql://|')
PGPASSWORD=$(printf '%s\n' "$url" | sed -n 's|^[^:]*://[^:@]*:\([^@]*\)@.*$|\1|p')
export PGPASSWORD
exec psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file "${GRANTS:-/etc/spiral/grants.sql}" \
  "$(printf '%s\n' "$url" | sed 's|^\([^:]*://[^:@]*\):[^@]*@|\1@|')"
