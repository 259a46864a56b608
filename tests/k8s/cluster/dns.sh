#!/usr/bin/env bash
# Cluster DNS: CoreDNS (built by build.sh, group dns) as a pod with the usual names and labels (kube-system, k8s-app=kube-dns),
# so that NetworkPolicies that allow DNS by label mean here what they mean elsewhere.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
$K apply -f - >/dev/null <<C
apiVersion: v1
kind: ServiceAccount
metadata: {name: coredns, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: coredns}
rules:
- {apiGroups: [""], resources: [services, pods, namespaces], verbs: [list, watch]}
- {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: coredns}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: coredns}
subjects: [{kind: ServiceAccount, name: coredns, namespace: kube-system}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  Corefile: |
    .:53 {
      errors
      ready
      kubernetes cluster.local in-addr.arpa
      cache 5
    }
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: coredns, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: kube-dns}}
  template:
    metadata: {labels: {k8s-app: kube-dns}}
    spec:
      serviceAccountName: coredns
      dnsPolicy: Default
      terminationGracePeriodSeconds: 1
      volumes:
      - {name: bin, hostPath: {path: $B/coredns, type: File}}
      - {name: conf, configMap: {name: coredns}}
      containers:
      - name: coredns
        image: $PAUSE
        imagePullPolicy: Never
        command: [/coredns, -conf, /conf/Corefile]
        readinessProbe: {httpGet: {port: 8181, path: /ready}, periodSeconds: 1}
        resources: {requests: {cpu: 20m, memory: 40Mi}, limits: {memory: 170Mi}}
        volumeMounts: [{name: bin, mountPath: /coredns, readOnly: true}, {name: conf, mountPath: /conf, readOnly: true}]
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {clusterIP: $DNS_SVC_IP, selector: {k8s-app: kube-dns}, ports: [{name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]}
C
$K -n kube-system rollout status deployment/coredns --timeout=90s >/dev/null
