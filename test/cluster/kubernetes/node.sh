# A node: a real one (containerd, kubelet, kube-proxy) or one of KWOK, whose pods are ready whatever they are. Sourced by up.sh.

start_containerd() {
  mkdir -p "$STATE/cni"
  cat >"$STATE/cni/10-bridge.conflist" <<J
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "kube0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$STATE/ipam", "ranges": [[{"subnet": "10.244.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
J
  # restrict_oom_score_adj: a machine without CAP_SYS_RESOURCE (a container, mostly) cannot lower it, and no sandbox would start.
  cat >"$STATE/containerd.toml" <<T
version = 2
root = "$STATE/containerd"
state = "$STATE/containerd-run"
[grpc]
  address = "$CONTAINERD"
[plugins."io.containerd.internal.v1.opt"]
  path = "$STATE/containerd-opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "slipway.dev/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$STATE/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
T
  start containerd containerd --config "$STATE/containerd.toml"
  wait_for 30 containerd ctr_node version
}

ctr_node() { ctr -a "$CONTAINERD" -n k8s.io "$@"; }

# Whether the node still has every image of an archive: somebody may have removed one.
has_images() { # has_images FILE
  local known name
  known=$(ctr_node images ls -q)
  for name in $(tar -xOf "$1" index.json | grep -o '"io.containerd.image.name":"[^"]*"' | cut -d '"' -f 4); do
    grep -qxF -- "$name" <<<"$known" || return 1
  done
}

# An image that was pulled has a name with its digest beside the one with its tag, and pods show that as imageID: the
# imported ones get it as well.
import_images() { # import_images node|gateway
  local archive name digest
  archive=$(cat "$CACHE/images/$1.latest")
  [ "$(cat "$STATE/$1.imported" 2>/dev/null)" = "$archive" ] && has_images "$CACHE/images/$archive" && return 0
  ctr_node images import "$CACHE/images/$archive" >&2
  while read -r name digest; do
    ctr_node images tag --force "$name" "${name%:*}@$digest" >/dev/null
  done < <(ctr_node images ls | awk 'NR > 1 && $1 !~ /@|^sha256:/ { print $1, $3 }')
  echo "$archive" >"$STATE/$1.imported"
}

# kubelet, kube-proxy and the bridge plugin set these; down.sh sets them back.
keep_settings() {
  [ -f "$STATE/sysctl" ] || sysctl vm.overcommit_memory kernel.panic kernel.panic_on_oops net.ipv4.ip_forward net.ipv4.conf.all.route_localnet >"$STATE/sysctl"
}

# KUBELET_SYNC: how often the kubelet looks at each pod again without cause.
start_kubelet() {
  mkdir -p "$STATE/kubelet"
  cat >"$STATE/kubelet.yaml" <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
failSwapOn: false
containerRuntimeEndpoint: unix://$CONTAINERD
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $KEYS/ca.crt}}
authorization: {mode: Webhook}
address: $ADDRESS
readOnlyPort: 0
syncFrequency: ${KUBELET_SYNC:-1m}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%"}
clusterDNS: [$ADDRESS]
clusterDomain: cluster.local
podLogsDir: $STATE/pod-logs
Y
  start kubelet "$hyper" kubelet --config="$STATE/kubelet.yaml" --kubeconfig="$KEYS/kubelet.kubeconfig" \
    --root-dir="$STATE/kubelet" --cert-dir="$STATE/kubelet/pki" --hostname-override="$NODE_NAME" --node-ip="$ADDRESS"
}

start_kube_proxy() {
  kubectl apply -f - >/dev/null <<Y
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kube-proxy}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:node-proxier}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: system:kube-proxy}]
Y
  cat >"$STATE/proxy.yaml" <<Y
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clusterCIDR: 10.244.0.0/16
hostnameOverride: $NODE_NAME
clientConnection: {kubeconfig: $KEYS/proxy.kubeconfig}
conntrack: {maxPerCore: 0, tcpCloseWaitTimeout: 0s, tcpEstablishedTimeout: 0s}
metricsBindAddress: 127.0.0.1:10249
healthzBindAddress: 127.0.0.1:10256
nodePortAddresses: [127.0.0.0/8]
Y
  start kube-proxy "$hyper" kube-proxy --config="$STATE/proxy.yaml"
}

# Pods ask it for Services; every other name it asks this machine's own server for.
start_dns() {
  local server
  server=$(awk '$1 == "nameserver" && $2 !~ /:/ { print $2; exit }' /etc/resolv.conf)
  start dns "$hyper" dns --kubeconfig="$KEYS/operator.kubeconfig" --listen="$ADDRESS:53" ${server:+--upstream="$server:53"}
}

start_real_node() {
  keep_settings
  start_dns
  start_containerd
  import_images node
  start_kubelet
  start_kube_proxy
}

# The lease: without it pods lose their readiness about 50 s after the start. The pods' addresses lead to this machine, where a
# program that listens on a port of all addresses answers for all of them.
start_kwok_node() {
  ip route replace local 10.244.0.0/16 dev lo
  touch "$STATE/kwok-route"
  start kwok "$(built kwok)" --node-lease-duration-seconds=40 --kubeconfig="$KEYS/operator.kubeconfig" --manage-all-nodes=true \
    --cidr=10.244.0.0/16 --node-ip="$ADDRESS" --node-port=10247 --server-address="$ADDRESS:10247" \
    --tls-cert-file="$KEYS/apiserver.crt" --tls-private-key-file="$KEYS/apiserver.key"
  kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Node
metadata: {name: $NODE_NAME, annotations: {kwok.x-k8s.io/node: fake}, labels: {kubernetes.io/hostname: $NODE_NAME, type: kwok}}
status:
  allocatable: &size {cpu: "4000", memory: 8192Gi, ephemeral-storage: 100Ti, pods: "6000"}
  capacity: *size
Y
}
