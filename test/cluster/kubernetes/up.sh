#!/usr/bin/env bash
# npm run cluster:up -- [--node real|kwok] [--gateway] [--metrics]
# Builds what is not built yet, starts a Kubernetes on this machine and prints the path of its kubeconfig. Run again, it
# starts only what does not run, and imports the images whose sources have changed. docs/local-cluster.md describes the cluster.
set -euo pipefail
. "$(dirname "$0")/places.sh"
for part in prerequisites keys control-plane node metrics gateway; do . "$HERE/$part.sh"; done
usage="usage: npm run cluster:up -- [--node real|kwok] [--gateway] [--metrics]"

node='' gateway=no metrics=no
while [ $# -gt 0 ]; do
  case $1 in
    --node) node=${2-}; shift; [ $# -eq 0 ] || shift ;;
    --gateway) gateway=yes; shift ;;
    --metrics) metrics=yes; shift ;;
    *) fail 2 "Unknown option: $1" "$usage" ;;
  esac
done

require_root
mkdir -p "$(dirname "$STATE")"
exec 9>"$STATE.lock"
flock -n 9 || { say "another start or stop is under way: waiting for it"; flock 9; }

running=$(cat "$STATE/node" 2>/dev/null || true)
node=${node:-${running:-real}}
case $node in real|kwok) ;; *) fail 2 "No such kind of node: $node" "$usage" ;; esac
[ -z "$running" ] || [ "$running" = "$node" ] || fail 2 "The cluster of this machine has a $running node: npm run cluster:down, then start it with a $node one."

processes="etcd kube-apiserver kube-controller-manager kube-scheduler"
case $node in real) processes="$processes containerd kubelet kube-proxy dns" ;; kwok) processes="$processes kwok" ;; esac
[ $gateway-$node != yes-kwok ] || processes="$processes traefik"
[ $metrics = no ] || processes="$processes metrics-server"

all_run() { local name; for name in $processes; do runs "$name" || return 1; done; }
if [ -f "$STATE/ready" ] && all_run && { [ $gateway = no ] || [ -f "$STATE/gateway" ]; }; then
  # Images of changed sources are the one thing that a running node is given.
  [ "$node" = kwok ] || { bash "$HERE/build.sh" node-images && import_images node; }
  say "the cluster is running already"
  echo "$KUBECONFIG_FILE"
  exit 0
fi

require_packages "$node"
require_free_ports "$node"
[ "$node" = kwok ] || require_no_other_node
parts="hyper gateway-api"
case $node in real) parts="$parts node-images" ;; kwok) parts="$parts kwok" ;; esac
case $gateway-$node in yes-real) parts="$parts gateway-images" ;; yes-kwok) parts="$parts traefik" ;; esac
[ $metrics = no ] || parts="$parts metrics-server"
# shellcheck disable=SC2086
bash "$HERE/build.sh" $parts

# Requests to the cluster's own addresses go through no proxy that the machine may have.
export NO_PROXY="$ADDRESS,127.0.0.1,localhost,10.96.0.0/16,10.244.0.0/16${NO_PROXY:+,$NO_PROXY}"
export no_proxy=$NO_PROXY
mkdir -p "$STATE" "$KEYS" "$LOGS" "$RUN"
rm -f "$STATE/ready"
[ -f "$hyper" ] || ln "$(built hyper)" "$hyper" 2>/dev/null || cp "$(built hyper)" "$hyper"
echo "$node" >"$STATE/node"
say "starting a cluster with a $node node"
claim_address
make_keys
start_api_server
start_controllers
"start_${node}_node"
wait_for 90 "node $NODE_NAME" kubectl wait --for=condition=Ready "node/$NODE_NAME" --timeout=1s
bootstrap
[ $metrics = no ] || start_metrics
[ $gateway = no ] || "start_gateway_on_$node"
touch "$STATE/ready"
say "running: try KUBECONFIG=$KUBECONFIG_FILE $hyper kubectl get nodes"
echo "$KUBECONFIG_FILE"
