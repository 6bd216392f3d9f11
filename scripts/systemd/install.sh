#!/bin/sh
# Puts units and their helpers where they belong, below DESTDIR if that is set; changes no settings and starts nothing.
# Before it: an account `spiral`, and the program in /opt/spiral (python3 -m venv, as the Dockerfile does it).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
units=${DESTDIR:-}/etc/systemd/system
share=${DESTDIR:-}/opt/spiral/share
etc=${DESTDIR:-}/etc/spiral
install -d "$units/spiral-.service.d" "$share" "$etc"
install -d -m 0700 "$etc/secrets"
install -m 0644 "$here"/spiral-*.service "$here"/spiral-*.timer "$units"
install -m 0644 "$here/spiral-.service.d/hardened.conf" "$units/spiral-.service.d"
install -m 0644 "$here/ready.sh" "$here/../backup.sh" "$here/../container_health.py" \
  "$here/../compose/grants.sh" "$here/../compose/grants.sql" "$share"
[ -e "$etc/spiral.env" ] || install -m 0644 "$here/spiral.env.example" "$etc/spiral.env"
