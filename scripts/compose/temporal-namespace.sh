#!/bin/sh
# Waits until the engine serves, makes the namespace unless it is there, and waits until it can be used: a server looks for new
# ones every ten seconds. How long ended runs can be looked at is all that hangs on the retention; the record is ours.
set -eu
tries=${TRIES:-60}
waiting() {
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    echo "Temporal が応答しません / Temporal does not answer: $TEMPORAL_ADDRESS $NAMESPACE" >&2
    exit 1
  fi
  sleep 2
}

until temporal operator cluster health --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
  waiting
done
if temporal operator namespace describe --namespace "$NAMESPACE" --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; then
  echo "namespace $NAMESPACE is there"
else
  temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION" --address "$TEMPORAL_ADDRESS"
fi
until temporal workflow count --namespace "$NAMESPACE" --address "$TEMPORAL_ADDRESS" >/dev/null 2>&1; do
  waiting
done
