#!/bin/sh
# Waits until the engine serves, and makes the namespace unless it is there. How long ended runs can be looked at is
# all that hangs on the retention; the record is ours.
set -eu
tries=${TRIES:-60}
until temporal operator cluster health --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    echo "Temporal が応答しません / Temporal does not answer: $TEMPORAL_ADDRESS" >&2
    exit 1
  fi
  sleep 2
done
if temporal operator namespace describe --namespace "$NAMESPACE" --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; then
  echo "namespace $NAMESPACE is there"
else
  temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION" --address "$TEMPORAL_ADDRESS"
fi
