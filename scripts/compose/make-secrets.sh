#!/bin/sh
# Fills the folder of secrets (default `secrets`, beside docker-compose.yml) with what is not there yet; changes nothing that
# is. The folder is for its owner only; the files in it are readable, because a container's account is not its owner's.
set -eu
folder=${1:-secrets}
mkdir -p "$folder"
chmod 700 "$folder"
random() {
  head -c 36 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'
}
keep() {
  if [ ! -e "$folder/$1" ]; then
    printf '%s' "$2" >"$folder/$1"
    [ -z "$2" ] || echo >>"$folder/$1"
    echo "$folder/$1"
  fi
  chmod 444 "$folder/$1"
}
keep postgres_password "$(random)"
keep temporal_password "$(random)"
keep spiral_owner_url "postgresql+psycopg://spiral_owner:$(random)@postgresql:5432/spiral"
keep spiral_app_url "postgresql+psycopg://spiral_app:$(random)@postgresql:5432/spiral"
keep spiral_secret "$(random)"
# Empty until there is one: `.env` says which of them counts.
keep spiral_oidc_client_secret ""
keep spiral_mail_url ""
keep spiral_chat_url ""
for name in tls_certificate tls_key; do
  [ -e "$folder/$name" ] || echo "まだありません / still missing: $folder/$name" >&2
done
