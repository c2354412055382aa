# What the product finds in a cluster before it can work there, and Traefik as the data plane of its Gateway. Sourced by up.sh.

# Gateway API's definitions, then exactly what `npm run cluster:bootstrap` prints for the configuration beside this file.
bootstrap() {
  kubectl apply --server-side -f "$CACHE/gateway-api-$(digest_of "$HERE/traefik")" >/dev/null
  kubectl wait --for=condition=Established crd --all --timeout=30s >/dev/null
  (cd "$ROOT" && SLIPWAY_CONFIGURATION=$(cat "$HERE/configuration.json") node bin/launch.mjs lib/cluster/print-bootstrap.ts) |
    kubectl apply --server-side -f - >&2
}

# Traefik takes a Gateway's listener by the port of its own entry point: both are 80.
start_gateway() {
  start traefik "$(built traefik)" --global.checknewversion=false --global.sendanonymoususage=false --log.level=INFO \
    --entrypoints.web.address="$ADDRESS:80" --entrypoints.ping.address="$ADDRESS:8001" --ping=true --ping.entrypoint=ping \
    --providers.kubernetesgateway.endpoint="https://$ADDRESS:$API_PORT" --providers.kubernetesgateway.certauthfilepath="$KEYS/ca.crt" \
    --providers.kubernetesgateway.token="$(token_of admin)" --providers.kubernetesgateway.statusaddress.ip="$ADDRESS"
  # Probes reach it through the API server by the name of its Service, as they reach any gateway.
  kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Service
metadata: {name: slipway-gateway, namespace: slipway-gateway}
spec: {ports: [{name: http, port: 80, targetPort: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: slipway-gateway, namespace: slipway-gateway, labels: {kubernetes.io/service-name: slipway-gateway}}
addressType: IPv4
ports: [{name: http, port: 80, protocol: TCP}]
endpoints: [{addresses: ["$ADDRESS"], conditions: {ready: true}}]
Y
  wait_for 30 traefik curl --noproxy '*' -fsS "http://$ADDRESS:8001/ping"
  wait_for 30 "the gateway" kubectl wait -n slipway-gateway --for=condition=Programmed gateway/slipway --timeout=1s
}
