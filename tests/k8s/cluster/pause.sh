#!/usr/bin/env bash
# Makes the image of a pod's sandbox: one static busybox that sleeps. CoreDNS, Kueue and the NetworkPolicy agent run in it as well,
# their binaries mounted from the machine. Usage: pause.sh FILE.tar
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
out=$1; [ -f "$out" ] && exit 0
mkdir -p "$(dirname "$out")"
c=$(buildah from scratch); trap 'buildah rm "$c" >/dev/null' EXIT
buildah copy -q "$c" "$(command -v busybox)" /bin/busybox >/dev/null
buildah config --env PATH=/bin --cmd '["/bin/busybox","sleep","2147483647"]' "$c"
buildah commit -q "$c" "$PAUSE" >/dev/null
buildah push -q "$PAUSE" "docker-archive:$out.part:$PAUSE"; mv "$out.part" "$out"
