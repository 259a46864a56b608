#!/usr/bin/env bash
# Builds the images of roles with buildah, from the wheels of `make wheels`. Needs root, no daemon and no registry.
# Usage: build.sh [IMAGE...]   BASE_IMAGE: what they stand on (none: base.sh makes one)   TAG, PREFIX: what they are called
set -euo pipefail
cd "$(dirname "$0")/.."
images=("$@")
[ $# -gt 0 ] || images=(hub records grader singleuser app)
PREFIX=${PREFIX:-localhost/yanxiu}
TAG=${TAG:-dev}
[ -f build/wheels/requirements-hub.lock ] || { echo "没有安装包。请先运行 make wheels。" >&2; exit 1; }

if [ -z "${BASE_IMAGE:-}" ]; then
  BASE_IMAGE=$PREFIX/base:$TAG
  images/base.sh "$BASE_IMAGE"
fi

# All that a Dockerfile may copy: no course (its answers), no source tree.
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
mkdir "$context/wheels"
cp build/wheels/*.lock build/wheels/*.whl "$context/wheels/"
rm -f "$context"/wheels/yanxiu_courses-*
cp images/install.sh images/matplotlibrc "$context/"

# Lent to the build and not copied: this machine's way to its package index.
lent=()
for file in /etc/pip.conf /etc/ssl/certs/ca-certificates.crt; do
  [ ! -e "$file" ] || lent+=(--volume "$file:$file:ro")
done

for image in "${images[@]}"; do
  echo "[$image]"
  # chroot: needs no runc and no network of its own. --layers: what is unchanged is not made again.
  buildah build -q --isolation chroot --network host --layers "${lent[@]}" \
    --build-arg "BASE_IMAGE=$BASE_IMAGE" --label org.opencontainers.image.title="yanxiu-$image" \
    --file "images/$image/Dockerfile" --tag "$PREFIX/$image:$TAG" "$context" >/dev/null
done
