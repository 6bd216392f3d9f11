#!/bin/sh
# Waits until a part that systemd has just started answers: ready.sh (api|worker). The unit's time to start is the limit.
set -eu
until /opt/spiral/bin/python /opt/spiral/share/container_health.py "$1" "$MAINPID"; do
  sleep 1
done
