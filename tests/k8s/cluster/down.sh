#!/usr/bin/env bash
# Stops what up.sh and node.sh started (by pid file, newest layer first) and removes the network namespace. KEEP=1 keeps the state folder.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
stop() { # stop NAME [TENTHS OF A SECOND]
  local p _; alive "$1" || { rm -f "$D/$1.pid"; return 0; }
  read -r p _ <"$D/$1.pid"
  kill "$p" 2>/dev/null; for _ in $(seq "${2:-20}"); do alive "$1" || break; sleep .1; done
  ! alive "$1" || kill -9 "$p"; rm -f "$D/$1.pid"
}
for n in kwok kubelet kube-proxy; do stop "$n"; done
if [ -S "$D/containerd.sock" ]; then
  timeout 20 $CTR task ls -q 2>/dev/null | xargs -r -P 8 -n 1 timeout 20 $CTR task rm -f >/dev/null 2>&1
fi
stop containerd; for n in sched kcm apiserver; do stop "$n" 5; done; stop etcd
# a shim that outlived its task (seen once): only those of this cluster's own socket
for p in $(pgrep -f -- "^/usr/bin/containerd-shim-runc-v2 .*-address $D/containerd.sock"); do kill "$p"; done
# what a crashed pod may have left
grep -F " $D/" /proc/self/mounts | awk '{print $2}' | sort -r | while read -r m; do umount -l "$m"; done
! ip netns list | grep -qw "$NS" || ip netns del "$NS"
! ip link show "$VETH" >/dev/null 2>&1 || ip link del "$VETH"
[ ! -f "$D/sysctl.before" ] || sysctl -q -p "$D/sysctl.before" >/dev/null 2>&1
for h in /sys/fs/cgroup/ /sys/fs/cgroup/*/; do c=$h"kubepods"; [ ! -d "$c" ] || find "$c" -depth -type d -exec rmdir {} \; 2>/dev/null; done
[ -n "${KEEP:-}" ] || rm -rf --one-file-system "$D"
exit 0
