# Sourced by the other scripts: settings and helpers. Every setting can be overridden from the environment.
V=${V:-1.35.4}; CACHE=${CACHE:-$HOME/.cache/kube-testbed}; ROOT=${ROOT:-$CACHE/$V}; B=${B:-$ROOT/bin}
D=${D:-$CACHE/run}; NS=${NS:-kubet}; NODE=${NODE:-node1}
VETH=${VETH:-$NS-h}; HOST_IP=${HOST_IP:-10.199.0.1}; NODE_IP=${NODE_IP:-10.199.0.2}
POD_CIDR=${POD_CIDR:-10.199.20.0/22}; SVC_CIDR=${SVC_CIDR:-10.199.128.0/24}
API_SVC_IP=${API_SVC_IP:-10.199.128.1}; DNS_SVC_IP=${DNS_SVC_IP:-10.199.128.10}
PAUSE=localhost/yanxiu/pause:1
export PATH="$B:$PATH"
K="$B/kubectl --kubeconfig $D/kc/admin"
CTR="ctr -a $D/containerd.sock -n k8s.io"
# nsenter, not `ip netns exec`: the latter mounts a fresh /sys and so hides /sys/fs/cgroup from kubelet and runc
in_ns() { nsenter --net="/var/run/netns/$NS" -- "$@"; }
# A process is ours by its pid and the instant it started: after a crash of the machine the pid may be another's.
started() { awk '{print $22}' "/proc/$1/stat" 2>/dev/null; }
alive() { local p s; [ -f "$D/$1.pid" ] && read -r p s <"$D/$1.pid" && [ -n "$s" ] && [ "$(started "$p")" = "$s" ]; }
start() {
  local n=$1; shift; alive "$n" && return 0
  setsid nsenter --net="/var/run/netns/$NS" -- "$@" >>"$D/log/$n.log" 2>&1 </dev/null &
  echo "$! $(started $!)" >"$D/$n.pid"
}
wait_for() { # wait_for SECONDS WHAT COMMAND...
  local t=$1 what=$2 until=$((SECONDS + $1)); shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || { echo "timed out after ${t}s: $what" >&2; tail -n 5 "$D"/log/*.log >&2; exit 1; }
    sleep .25
  done
}
# put FILE < text: writes only what changed (kube-proxy exits when its configuration file is rewritten, even with the same text)
put() { local t; t=$(cat); [ -f "$1" ] && [ "$(cat "$1")" = "$t" ] || printf '%s\n' "$t" >"$1"; }
