#!/usr/bin/env bash
# Renders both charts as an installation would, into a folder, and says from what.
# Usage: render.sh [FOLDER]   (build/kube)   Z2JH: the stock chart's folder or archive; else it is fetched, else a stub stands in
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-build/kube}
mkdir -p "$out"
helm=$(command -v helm || { helm/tools.sh build/tools && echo build/tools/helm; })
version=$(cat helm/hub-values/version)
chart=${Z2JH:-}
if [ -z "$chart" ]; then
  if "$helm" pull jupyterhub --repo https://hub.jupyter.org/helm-chart/ --version "$version" -d "$out" >"$out/pull.log" 2>&1; then
    chart=$(ls -t "$out"/jupyterhub-*.tgz | head -1)
  else
    chart=helm/hub-values/stub
    echo "没有取到 z2jh（$version）：$(tail -n 1 "$out/pull.log" | cut -c -150)"
    echo "用 $chart 代替：只检查我们设的值，不是真的 JupyterHub 清单。有 z2jh 时用 Z2JH=文件夹 指定。"
  fi
fi
"$helm" template yanxiu helm/schools --namespace yanxiu --kube-version 1.35 \
  -f helm/schools/example.yaml --set-file site=helm/schools/example-site.yaml >"$out/schools.yaml"
"$helm" template hub "$chart" --namespace yanxiu --kube-version 1.35 \
  -f helm/hub-values/values.yaml -f helm/hub-values/example.yaml >"$out/hub.yaml"
for one in schools hub; do
  echo "$out/$one.yaml: $(grep -c '^kind:' "$out/$one.yaml") objects, $(wc -c <"$out/$one.yaml") bytes"
done
