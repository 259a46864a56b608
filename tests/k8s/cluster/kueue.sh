#!/usr/bin/env bash
# Runs Kueue's manager (built by build.sh) as an ordinary Deployment on the node of node.sh: its own manifests, taken out of the Go module,
# our image plus its binary mounted from the host; Jobs only, no plain pods: with their webhook, no pod at all starts while Kueue is away. KUEUE_CONFIG = the module's config/, which build.sh copies.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
KUEUE_CONFIG=${KUEUE_CONFIG:-$(dirname "$B")/kueue-config}; [ -d "$KUEUE_CONFIG/default" ] || { echo "no $KUEUE_CONFIG/default: run build.sh kueue" >&2; exit 1; }
o="$D/kueue"; mkdir -p "$o"
cat > "$o/kustomization.yaml" <<C
resources: [$(realpath --relative-to="$o" "$KUEUE_CONFIG/default")]
patches:
# its visibility API is not used here, and an aggregated API that does not answer keeps every deleted namespace in Terminating
- target: {kind: APIService}
  patch: |-
    \$patch: delete
    apiVersion: apiregistration.k8s.io/v1
    kind: APIService
    metadata: {name: any}
- target: {kind: MutatingWebhookConfiguration}
  patch: |-
    apiVersion: admissionregistration.k8s.io/v1
    kind: MutatingWebhookConfiguration
    metadata: {name: any}
    webhooks: [{name: mpod.kb.io, \$patch: delete}]
- target: {kind: ValidatingWebhookConfiguration}
  patch: |-
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata: {name: any}
    webhooks: [{name: vpod.kb.io, \$patch: delete}]
- target: {kind: Deployment, name: kueue-controller-manager}
  patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: kueue-controller-manager, namespace: kueue-system}
    spec:
      template:
        spec:
          securityContext: {runAsNonRoot: true, runAsUser: 65532}
          volumes: [{name: bin, hostPath: {path: $B/kueue, type: File}}]
          containers:
          - name: manager
            image: $PAUSE
            imagePullPolicy: Never
            resources: {requests: {cpu: 50m, memory: 64Mi}}
            volumeMounts: [{name: bin, mountPath: /manager, readOnly: true}]
- target: {kind: ConfigMap, name: kueue-manager-config}
  patch: |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: kueue-manager-config, namespace: kueue-system}
    data:
      controller_manager_config.yaml: |
        apiVersion: config.kueue.x-k8s.io/v1beta2
        kind: Configuration
        health: {healthProbeBindAddress: ":8081"}
        metrics: {bindAddress: ":8443"}
        webhook: {port: 9443}
        leaderElection: {leaderElect: false}
        clientConnection: {qps: 50, burst: 100}
        managedJobsNamespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, kueue-system]}]}
        integrations: {frameworks: [batch/job]}
C
$B/kubectl kustomize "$o" > "$o/all.yaml"
$K apply --server-side --force-conflicts -f "$o/all.yaml" >/dev/null
wait_for 240 "kueue manager" $K -n kueue-system wait --for=condition=Available deployment/kueue-controller-manager --timeout=1s
# the first object that needs its webhook may still be refused for a moment
for _ in $(seq 120); do $K apply -f - >/dev/null 2>"$o/err" <<C && exit 0
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: {name: default}
C
sleep 1; done; cat "$o/err" >&2; exit 1
