#!/usr/bin/env bash
# One real cluster on this machine, for tests: README.md says what it is.
#   cluster.sh missing   what it would need and is not here, a line each; nothing printed: all is there
#   cluster.sh up        control plane, node, DNS, NetworkPolicy, Kueue (the last three only where their binaries are)
#   cluster.sh load FILE.tar...   images into its containerd
#   cluster.sh down      all of it; KEEP=1 keeps etcd and the images for the next `up`
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
missing() {
  local c
  for c in etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns kube-network-policies kueue kubectl helm; do
    [ -x "$B/$c" ] || echo "$B/$c (tests/k8s/cluster/build.sh)"; done
  for c in containerd runc buildah busybox iptables nft conntrack; do command -v "$c" >/dev/null || echo "$c (apt)"; done
  [ -x "${CNI_BIN:-/usr/lib/cni}/bridge" ] || echo "containernetworking-plugins (apt)"
  [ "$(id -u)" = 0 ] || echo "root"
  unshare -n true 2>/dev/null || echo "the right to make network namespaces"
}
case ${1:-} in
  missing) missing;;
  up)
    m=$(missing); [ -z "$m" ] || { printf 'missing:\n%s\n' "$m" >&2; exit 1; }
    bash "$here/pause.sh" "$CACHE/images/pause.tar"
    bash "$here/up.sh"; IMAGES="$CACHE/images/pause.tar ${IMAGES:-}" bash "$here/node.sh"
    for s in dns netpol kueue; do bash "$here/$s.sh"; done;;
  load) shift; IMAGES="$*"; . "$here/images.sh";;
  down) bash "$here/down.sh";;
  *) sed -n 2,6p "$0" >&2; exit 2;;
esac
