#!/usr/bin/env bash
# Makes the base image where no registry is in reach: Debian by debootstrap. Needs root.
# Kept when it is there. Usage: base.sh [NAME]
set -euo pipefail
name=${1:-localhost/yanxiu/base:dev}
suite=${SUITE:-bookworm}
buildah inspect --type image "$name" >/dev/null 2>&1 && exit 0
folder=$(mktemp -d)
trap 'rm -rf --one-file-system "$folder"' EXIT
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$folder/root" \
  >"$folder/log" 2>&1 || { tail "$folder/log" >&2; exit 1; }
rm -rf "$folder"/root/var/cache/apt/archives/*.deb "$folder"/root/var/lib/apt/lists/* "$folder"/root/var/log/*
container=$(buildah from scratch)
buildah add -q "$container" "$folder/root" / >/dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --cmd python3 "$container"
buildah commit -q --rm "$container" "$name" >/dev/null
