#!/usr/bin/env bash
# Adds one real node to the control plane of up.sh: containerd + runc, kubelet, kube-proxy (nftables), a bridge CNI.
# Needs root and Debian's containerd runc containernetworking-plugins nftables iptables conntrack; images: IMAGES=*.tar.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
cd "$D"; mkdir -p cni containerd kubelet log
[ -f sysctl.before ] || sysctl vm.overcommit_memory kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes > sysctl.before  # kubelet sets these for the whole machine

put cni/10-bridge.conflist <<C
{"cniVersion": "0.4.0", "name": "$NS", "plugins": [
 {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
  "ipam": {"type": "host-local", "dataDir": "$D/cni-ipam", "ranges": [[{"subnet": "$POD_CIDR"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
 {"type": "portmap", "capabilities": {"portMappings": true}}]}
C
put containerd.toml <<C
version = 2
root = "$D/containerd"
state = "$D/containerd-state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "$D/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "$PAUSE"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_BIN:-/usr/lib/cni}"
    conf_dir = "$D/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
C
start containerd containerd --config containerd.toml
wait_for 30 containerd $CTR version
. "$here/images.sh"

[ -f resolv.conf ] || : > resolv.conf
put kubelet.yaml <<C
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false          # cgroup v1: still allowed up to 1.37
cgroupDriver: cgroupfs
containerRuntimeEndpoint: unix://$D/containerd.sock
failSwapOn: false
address: $NODE_IP
healthzBindAddress: 127.0.0.1
readOnlyPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $D/pki/ca.crt}}
authorization: {mode: Webhook}
clusterDNS: [$DNS_SVC_IP]
clusterDomain: cluster.local
resolvConf: $D/resolv.conf
imageGCHighThresholdPercent: 100   # never delete images: there is no registry to pull them from again
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
makeIPTablesUtilChains: false
C
start kubelet "$B/kubelet" --kubeconfig kc/node --config kubelet.yaml --root-dir "$D/kubelet" --cert-dir "$D/kubelet/pki" --hostname-override "$NODE" --node-ip "$NODE_IP"
put kube-proxy.yaml <<C
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: $D/kc/proxy}
hostnameOverride: $NODE
clusterCIDR: $POD_CIDR
bindAddress: $NODE_IP
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
conntrack: {maxPerCore: 0, min: 0}   # nf_conntrack_max is read-only outside the first network namespace
nodePortAddresses: [$NODE_IP/32]
C
start kube-proxy "$B/kube-proxy" --config kube-proxy.yaml
wait_for 90 "node $NODE Ready" $K wait --for=condition=Ready "node/$NODE" --timeout=1s
# storage: PVS local volumes made beforehand. Unlike the controller-manager's host-path provisioner (directories 0750 root, fsGroup ignored),
# a `local` volume obeys fsGroup, so a non-root server can write its home.
{ cat <<C
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: local, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
C
for i in $(seq "${PVS:-60}"); do mkdir -p "pv/$i"; cat <<C
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: local-$i}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: local
  persistentVolumeReclaimPolicy: Retain
  local: {path: $D/pv/$i}
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [$NODE]}]}]}}
C
done; } | $K apply -f - >/dev/null
$K get nodes -o wide
