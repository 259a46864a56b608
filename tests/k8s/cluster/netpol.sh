#!/usr/bin/env bash
# Enforces NetworkPolicy on the node of node.sh with kube-network-policies (built by build.sh), run as a privileged host-network pod.
# It writes its own `queue` rule by nftables; where the kernel lacks CONFIG_NFT_QUEUE that fails (logged, harmless) and the rules
# below hand it the packets through the xt NFQUEUE target instead: same queue, same verdicts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
ipt(){ in_ns iptables -w -t mangle "$@"; }
if ! ipt -S KT-NETPOL >/dev/null 2>&1; then
  ipt -N KT-NETPOL
  ipt -A KT-NETPOL -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
  ipt -A KT-NETPOL -m owner --uid-owner 0 -j RETURN            # the node's own traffic (probes), as upstream does
  ipt -A KT-NETPOL -s "$POD_CIDR" -j NFQUEUE --queue-num 100   # no --queue-bypass: without the agent nothing new passes
  ipt -A KT-NETPOL -d "$POD_CIDR" -j NFQUEUE --queue-num 100
  ipt -A POSTROUTING -j KT-NETPOL
fi
$K apply -f - >/dev/null <<C
apiVersion: v1
kind: ServiceAccount
metadata: {name: netpol, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: netpol}
rules:
- {apiGroups: [""], resources: [pods, nodes, namespaces], verbs: [get, list, watch]}
- {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: netpol}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: netpol}
subjects: [{kind: ServiceAccount, name: netpol, namespace: kube-system}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: netpol, namespace: kube-system}
spec:
  selector: {matchLabels: {app: netpol}}
  template:
    metadata: {labels: {app: netpol}}
    spec:
      serviceAccountName: netpol
      hostNetwork: true
      terminationGracePeriodSeconds: 1
      tolerations: [{operator: Exists}]
      volumes: [{name: bin, hostPath: {path: $B/kube-network-policies, type: File}}]
      containers:
      - name: netpol
        image: $PAUSE
        imagePullPolicy: Never
        command: [/kube-network-policies, --hostname-override=$NODE, --nfqueue-id=100, --disable-nri, --netfilter-bug-1766-fix=false, --metrics-bind-address=127.0.0.1:9080]
        securityContext: {privileged: true}
        volumeMounts: [{name: bin, mountPath: /kube-network-policies, readOnly: true}]
C
$K -n kube-system rollout status daemonset/netpol --timeout=60s >/dev/null
