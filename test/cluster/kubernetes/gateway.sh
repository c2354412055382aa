# What the product finds in a cluster before it can work there, and Traefik as the data plane of its Gateway. Sourced by up.sh.

# Gateway API's definitions, then exactly what `npm run cluster:bootstrap` prints for the configuration beside this file.
bootstrap() {
  kubectl apply --server-side -f "$CACHE/gateway-api-$(digest_of "$HERE/traefik")" >/dev/null
  kubectl wait --for=condition=Established crd --all --timeout=30s >/dev/null
  (cd "$ROOT" && SLIPWAY_CONFIGURATION=$(cat "$HERE/configuration.json") node bin/launch.mjs lib/cluster/print-bootstrap.ts) |
    kubectl apply --server-side --force-conflicts -f - >&2
}

# Traefik takes a Gateway's listener by the port of its own entry point: both are 80.
gateway_manifest() { sed "s/ADDRESS/$ADDRESS/; s/=IDLE$/=${GATEWAY_IDLE:-4s}/" "$HERE/gateway.yaml"; }

# The API server's proxy leads to a Service only when its endpoints are pods: the gateway is one, in the node's network, so
# that it answers on the node's address as well.
start_gateway_on_real() {
  import_images gateway
  gateway_manifest | kubectl apply --server-side -f - >/dev/null
  kubectl -n slipway-gateway rollout status deployment/traefik --timeout=90s >/dev/null
  wait_for_gateway
}

# KWOK's pods run nothing: the gateway is a process beside the cluster, on the address that its pod says it has.
start_gateway_on_kwok() {
  local flags
  gateway_manifest | kubectl apply --server-side -f - >/dev/null
  mapfile -t flags < <(gateway_manifest | sed -n 's/^ *- \(--.*\)$/\1/p')
  start traefik "$(built traefik)" "${flags[@]}" --providers.kubernetesgateway.endpoint="https://$ADDRESS:$API_PORT" \
    --providers.kubernetesgateway.certauthfilepath="$KEYS/ca.crt" --providers.kubernetesgateway.token="$(token_of admin)"
  wait_for_gateway
}

wait_for_gateway() {
  wait_for 60 traefik curl --noproxy '*' -fsS "http://$ADDRESS:8001/ping"
  wait_for 30 "the gateway" kubectl wait -n slipway-gateway --for=condition=Programmed gateway/slipway --timeout=1s
  touch "$STATE/gateway"
}
