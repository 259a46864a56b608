#!/usr/bin/env bash
# Writes images as archives that docker, podman and containerd import: build/images/<image>.tar.
# Usage: export.sh [IMAGE...]
set -euo pipefail
cd "$(dirname "$0")/.."
images=("$@")
[ $# -gt 0 ] || images=(hub records grader singleuser app)
PREFIX=${PREFIX:-localhost/yanxiu}
TAG=${TAG:-dev}
mkdir -p build/images
for image in "${images[@]}"; do
  rm -f "build/images/$image.part"
  buildah push -q "$PREFIX/$image:$TAG" "docker-archive:build/images/$image.part:$PREFIX/$image:$TAG"
  mv "build/images/$image.part" "build/images/$image.tar"
done
