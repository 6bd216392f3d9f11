#!/bin/sh
# The server's own way in, with the password out of its file: the image reads the environment only.
set -eu
POSTGRES_PWD=$(head -n 1 /run/secrets/temporal_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
