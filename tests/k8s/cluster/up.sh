#!/usr/bin/env bash
# A real Kubernetes control plane (etcd, apiserver, controller-manager, scheduler) inside its own network namespace.
# Nothing listens on the machine's own addresses; ports never collide; `down.sh` removes all of it.
# Settings: lib.sh.
# Idempotent: what already runs (by pid file) is left alone.  Prints the KUBECONFIG path as its last line.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
mkdir -p "$D/pki" "$D/log" "$D/kc"; cd "$D"

# network namespace with one veth to the host: host 10.199.0.1 <-> 10.199.0.2; pods 10.199.20.0/24; services 10.199.128.0/24
if ! ip netns list | grep -qw "$NS"; then
  ip netns add "$NS"
  ip link add "$VETH" type veth peer name eth0 netns "$NS"
  ip addr add "$HOST_IP/30" dev "$VETH"; ip link set "$VETH" up
  in_ns ip link set lo up
  in_ns ip addr add "$NODE_IP/30" dev eth0; in_ns ip link set eth0 up
  in_ns ip route add default via "$HOST_IP"          # kubelet and kube-proxy want a default route; the host forwards nothing
  ip route add "$POD_CIDR" via "$NODE_IP"; ip route add "$SVC_CIDR" via "$NODE_IP"
  in_ns sysctl -qw net.ipv4.ip_forward=1
  in_ns sysctl -qw net.bridge.bridge-nf-call-iptables=1 || true
fi

# certificates: one CA; one client certificate per component, so RBAC and the Node authorizer are the real ones
if [ ! -f pki/done ]; then (
  cd pki
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj "/CN=kube-testbed" -days 30 -out ca.crt -addext basicConstraints=critical,CA:TRUE 2>/dev/null
  cert(){ # name subject usage [SANs]
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
    openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
    printf 'extendedKeyUsage=%s\n%s\n' "$3" "${4:+subjectAltName=$4}" > "$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>/dev/null; }
  cert apiserver /CN=kube-apiserver serverAuth "IP:127.0.0.1,IP:$NODE_IP,IP:$API_SVC_IP,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
  cert apiserver-kubelet /O=system:masters/CN=apiserver-kubelet clientAuth
  cert admin /O=system:masters/CN=admin clientAuth
  cert kcm /CN=system:kube-controller-manager clientAuth
  cert sched /CN=system:kube-scheduler clientAuth
  cert node "/O=system:nodes/CN=system:node:$NODE" clientAuth
  cert proxy /CN=system:kube-proxy clientAuth
  openssl genrsa -out sa.key 2048 2>/dev/null; openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
  touch done
); fi
for c in admin kcm sched node proxy; do cat > "kc/$c" <<K
apiVersion: v1
kind: Config
current-context: c
clusters: [{name: k, cluster: {server: "https://$NODE_IP:6443", certificate-authority: "$D/pki/ca.crt"}}]
users: [{name: u, user: {client-certificate: "$D/pki/$c.crt", client-key: "$D/pki/$c.key"}}]
contexts: [{name: c, context: {cluster: k, user: u}}]
K
done

# Our own: Debian 12's 3.4 has no watch progress (before 3.5.8), and every watch would lag by 20 to 50 s.
start etcd "$B/etcd" --data-dir "$D/etcd" --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 --initial-cluster default=http://127.0.0.1:2380 \
  --log-level warn --unsafe-no-fsync
start apiserver "$B/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 --bind-address="$NODE_IP" --secure-port=6443 --advertise-address="$NODE_IP" \
  --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key --client-ca-file=pki/ca.crt \
  --kubelet-client-certificate=pki/apiserver-kubelet.crt --kubelet-client-key=pki/apiserver-kubelet.key \
  --kubelet-preferred-address-types=InternalIP \
  --requestheader-client-ca-file=pki/ca.crt --requestheader-allowed-names=front-proxy --requestheader-username-headers=X-Remote-User \
  --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction \
  --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=pki/sa.pub --service-account-signing-key-file=pki/sa.key \
  --service-cluster-ip-range="$SVC_CIDR" --allow-privileged=true --profiling=false
wait_for 60 "apiserver /readyz" $K get --raw /readyz
start kcm "$B/kube-controller-manager" --kubeconfig=kc/kcm --authentication-kubeconfig=kc/kcm --authorization-kubeconfig=kc/kcm \
  --use-service-account-credentials --service-account-private-key-file=pki/sa.key --root-ca-file=pki/ca.crt --leader-elect=false \
  --bind-address=127.0.0.1 --cert-dir="$D/pki" --resource-quota-sync-period=10s \
  --kube-api-qps=200 --kube-api-burst=400 --concurrent-namespace-syncs=30 `# else two hundred namespaces take ten minutes to go` \
  --node-monitor-grace-period=40s --profiling=false
start sched "$B/kube-scheduler" --kubeconfig=kc/sched --authentication-kubeconfig=kc/sched --authorization-kubeconfig=kc/sched --leader-elect=false \
  --bind-address=127.0.0.1 --cert-dir="$D/pki" --profiling=false
wait_for 30 "default service account" $K -n default get serviceaccount default
echo "KUBECONFIG=$D/kc/admin"
