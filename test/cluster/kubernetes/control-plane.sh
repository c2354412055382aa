# etcd, API server, controller-manager and scheduler. Sourced by up.sh.

# The address belongs to no network: it is put on the loopback interface, where pods reach it through their gateway.
claim_address() {
  ip -4 -o addr show to "$ADDRESS/32" | grep -q . && return 0
  ip addr add "$ADDRESS/32" dev lo
  touch "$STATE/address"
}

# AUDIT=1 writes every request, by user and verb, into the log folder: to count what the product asks.
audit_flags() {
  [ -n "${AUDIT-}" ] || return 0
  printf 'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n' >"$STATE/audit.yaml"
  echo "--audit-policy-file=$STATE/audit.yaml --audit-log-path=$LOGS/audit.log --audit-log-maxsize=10000"
}

# ETCD_COMPACTION is how often it forgets what was, and how long it remembers it at least.
start_api_server() {
  start etcd "$hyper" etcd -data-dir "$STATE/etcd" -unsafe-no-fsync \
    -listen-client "http://127.0.0.1:$ETCD_PORT" -listen-peer "http://127.0.0.1:$((ETCD_PORT + 1))"
  # shellcheck disable=SC2046
  start kube-apiserver "$hyper" kube-apiserver \
    --etcd-servers="http://127.0.0.1:$ETCD_PORT" --etcd-compaction-interval="${ETCD_COMPACTION:-5m}" \
    --bind-address="$ADDRESS" --secure-port="$API_PORT" --advertise-address="$ADDRESS" \
    --tls-cert-file="$KEYS/apiserver.crt" --tls-private-key-file="$KEYS/apiserver.key" \
    --client-ca-file="$KEYS/ca.crt" --token-auth-file="$KEYS/tokens.csv" --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction --allow-privileged=true --service-cluster-ip-range=10.96.0.0/16 \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$KEYS/service-accounts.pub" \
    --service-account-signing-key-file="$KEYS/service-accounts.key" --kubelet-client-certificate="$KEYS/to-kubelet.crt" \
    --kubelet-client-key="$KEYS/to-kubelet.key" --kubelet-preferred-address-types=InternalIP \
    --requestheader-client-ca-file="$KEYS/front.crt" --requestheader-allowed-names=front-proxy --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$KEYS/front-client.crt" --proxy-client-key-file="$KEYS/front-client.key" \
    --enable-aggregator-routing=true $(audit_flags)
  wait_for 120 kube-apiserver kubectl get --raw /readyz
}

# HPA_SYNC and HPA_DOWN shorten the autoscaler's rounds, NODE_GRACE how long a node may be silent until it counts as lost. Many rollouts at once are paced by the clients' limits of these
# two, not by what is measured: KCM_QPS, KCM_BURST, SCHED_QPS and SCHED_BURST raise them.
start_controllers() {
  start kube-controller-manager "$hyper" kube-controller-manager \
    --kubeconfig="$KEYS/kcm.kubeconfig" --authentication-kubeconfig="$KEYS/kcm.kubeconfig" --authorization-kubeconfig="$KEYS/kcm.kubeconfig" \
    --bind-address=127.0.0.1 --leader-elect=false --use-service-account-credentials=true \
    --service-account-private-key-file="$KEYS/service-accounts.key" --root-ca-file="$KEYS/ca.crt" \
    --cluster-signing-cert-file="$KEYS/ca.crt" --cluster-signing-key-file="$KEYS/ca.key" \
    --horizontal-pod-autoscaler-sync-period="${HPA_SYNC:-15s}" --horizontal-pod-autoscaler-downscale-stabilization="${HPA_DOWN:-5m}" \
    --node-monitor-grace-period="${NODE_GRACE:-50s}" --kube-api-qps="${KCM_QPS:-20}" --kube-api-burst="${KCM_BURST:-30}"
  start kube-scheduler "$hyper" kube-scheduler \
    --kubeconfig="$KEYS/scheduler.kubeconfig" --authentication-kubeconfig="$KEYS/scheduler.kubeconfig" \
    --authorization-kubeconfig="$KEYS/scheduler.kubeconfig" --bind-address=127.0.0.1 --leader-elect=false \
    --kube-api-qps="${SCHED_QPS:-50}" --kube-api-burst="${SCHED_BURST:-100}"
  wait_for 60 "the default service account" kubectl get serviceaccount default -n default
}
