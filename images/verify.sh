#!/usr/bin/env bash
# Starts each image as a cluster would (its own user, nothing written but its home) and checks it from the inside
# by its verify.py. Usage: verify.sh [IMAGE...]   ENGINE: buildah (root), podman or docker; TAG, PREFIX as in build.sh
set -euo pipefail
cd "$(dirname "$0")"
images=("$@")
[ $# -gt 0 ] || images=(hub records grader singleuser app)
PREFIX=${PREFIX:-localhost/yanxiu}
TAG=${TAG:-dev}
ENGINE=${ENGINE:-$(for one in buildah podman docker; do command -v "$one" >/dev/null && { basename "$one"; break; }; done)}
case $ENGINE in
  podman | docker) run() { "$ENGINE" run --rm --network none --volume "$PWD:/verify:ro" "$@"; } ;;
  buildah)
    run() {
      local image=$1 container code=0
      shift
      container=$(buildah from --pull-never "$image")
      buildah run --isolation chroot --network host --volume "$PWD:/verify:ro" "$container" -- "$@" || code=$?
      buildah rm "$container" >/dev/null
      return $code
    }
    ;;
  *) echo "没有可以启动镜像的程序。请安装 buildah、podman 或 docker。" >&2; exit 1 ;;
esac
for image in "${images[@]}"; do
  echo "[$image]"
  run "$PREFIX/$image:$TAG" python -P "/verify/$image/verify.py"
done
