#!/bin/sh
# One whole backup, looked at before it counts, and those that are older than BACKUP_DAYS taken away. FOLDER is the first
# word; copy what lies there to another machine: a backup beside its original is none.
set -eu
folder=${1:?usage: backup.sh FOLDER}
file="$folder/city-$(date -u +%Y%m%dT%H%M%SZ).zip"
spiral backup "$file"
spiral verify --export "$file"
# Only after a good one: whatever else goes wrong, the last good ones stay.
find "$folder" -maxdepth 1 -name 'city-*.zip' -mtime "+${BACKUP_DAYS:-35}" -delete
