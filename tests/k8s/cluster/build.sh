#!/usr/bin/env bash
# Builds a real Kubernetes (and etcd, Kueue, a NetworkPolicy agent, CoreDNS, kwok) as Go tool dependencies: ordinary go.mod files,
# no Go code of ours. Needs Go >= 1.25 and a Go module proxy. Binaries land in a cache, never in a commit; what is there is not built again.
#   build.sh [GROUP...]   groups: etcd kube (control plane) node netpol kueue dns kwok; default: all but kwok
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
KUEUE=${KUEUE:-0.17.0}; NETPOL=${NETPOL:-0.8.0}; DNS=${DNS:-1.14.3}; KWOK=${KWOK:-0.8.0}; ETCD=${ETCD:-3.6.5}
mkdir -p "$B" "$ROOT/mod"
[ $# -gt 0 ] || set -- etcd kube node netpol kueue dns
# Two that build at once would write the same files.
exec 9>"$ROOT/.building"; flock 9
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
export CGO_ENABLED=0 GOFLAGS=-mod=mod GOTOOLCHAIN=local
P=${P:-$(nproc)}

mod() { # mod NAME tool@version...: a module folder that pins these tools; a committed mods/NAME.{mod,sum} is taken as it is
  local d=$ROOT/mod/$1 n=$1 m r; shift; mkdir -p "$d"; cd "$d"
  [ -f go.mod ] && return
  if [ -f "$here/mods/$n.mod" ]; then cp "$here/mods/$n.mod" go.mod; cp "$here/mods/$n.sum" go.sum; return; fi
  go mod init "example.invalid/kube-testbed-$n" 2>/dev/null; go mod edit -go=1.25.0
  if [ "$n" = kube ] || [ "$n" = netpol ]; then # the published k8s.io/kubernetes requires its staging repositories at v0.0.0: say which versions are meant
    m=$(go mod download -json "k8s.io/kubernetes@v$V" | python3 -c 'import json,sys;print(json.load(sys.stdin)["GoMod"])')
    for r in $(grep -oE '^[[:space:]]+k8s\.io/[a-z0-9-]+ v0\.0\.0$' "$m" | awk '{print $1}'); do go mod edit -replace="$r=$r@v0.${V#1.}"; done
  fi
  go get -tool "$@" || { rm -f go.mod go.sum; return 1; }
}
build() { # build MODULE OUTPUT PACKAGE
  local TIMEFORMAT="%R s wall, %U+%S s cpu: $3"
  cd "$ROOT/mod/$1"; time go build -p "$P" -trimpath -pgo=off -ldflags "${L:--s -w}" -o "$2.part" "$3"; mv "$2.part" "$2"
}
# One by one: what is linked stays when the time is up.
need() { [ -x "$B/$1" ] && return 1 || return 0; }
x="-X k8s.io/component-base/version"; minor=${V#1.}; minor=${minor%%.*}
KUBE_L="-s -w $x.gitVersion=v$V $x.gitMajor=1 $x.gitMinor=$minor $x.gitTreeState=clean $x.gitCommit=$(printf '0%.0s' $(seq 40))"
kube_tools=(); for c in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy; do kube_tools+=("k8s.io/kubernetes/cmd/$c@v$V"); done
kube() { for c in "$@"; do if need "$c"; then mod kube "${kube_tools[@]}"; L=$KUBE_L build kube "$B/$c" "k8s.io/kubernetes/cmd/$c"; fi; done; }
for g in "$@"; do case $g in
  etcd) if need etcd; then mod etcd "go.etcd.io/etcd/server/v3@v$ETCD"; build etcd "$B/etcd" go.etcd.io/etcd/server/v3; fi;;
  kube) kube kube-apiserver kube-controller-manager kube-scheduler;;
  node) kube kubelet kube-proxy;;
  netpol) if need kube-network-policies; then
      mod netpol "k8s.io/kubernetes/cmd/kube-proxy@v$V" "sigs.k8s.io/kube-network-policies/cmd@v$NETPOL"
      build netpol "$B/kube-network-policies" sigs.k8s.io/kube-network-policies/cmd; fi;;
  kueue) if need kueue || [ ! -d "$ROOT/kueue-config/default" ]; then
      mod kueue "sigs.k8s.io/kueue/cmd/kueue@v$KUEUE"; build kueue "$B/kueue" sigs.k8s.io/kueue/cmd/kueue
      rm -rf "$ROOT/kueue-config"; cp -r --no-preserve=mode "$(go list -m -f '{{.Dir}}' sigs.k8s.io/kueue)/config" "$ROOT/kueue-config"; fi;; # its manifests, into the cache
  dns) if need coredns; then mod dns "github.com/coredns/coredns@v$DNS"; build dns "$B/coredns" github.com/coredns/coredns; fi;;
  kwok) if need kwok; then mod kwok "sigs.k8s.io/kwok/cmd/kwok@v$KWOK"; build kwok "$B/kwok" sigs.k8s.io/kwok/cmd/kwok
      cd "$ROOT/mod/kwok"; rm -rf "$ROOT/kwok-stages"; cp -r --no-preserve=mode "$(go list -m -f '{{.Dir}}' sigs.k8s.io/kwok)/kustomize/stage" "$ROOT/kwok-stages"; fi;;
  *) echo "unknown group: $g" >&2; exit 2;;
esac; done
if need kubectl || need helm; then bash "$here/../../../helm/tools.sh" "$B"; fi
