# metrics-server: without it no autoscaler learns how busy its pods are. Sourced by up.sh.

start_metrics() {
  mkdir -p "$STATE/metrics"
  start metrics-server "$(built metrics-server)" --kubeconfig="$KEYS/operator.kubeconfig" --authentication-kubeconfig="$KEYS/operator.kubeconfig" \
    --authorization-kubeconfig="$KEYS/operator.kubeconfig" --cert-dir="$STATE/metrics" --bind-address="$ADDRESS" --secure-port=4443 \
    --kubelet-insecure-tls --kubelet-preferred-address-types=InternalIP --metric-resolution=10s --kubelet-request-timeout=5s
  kubectl apply -f - >/dev/null <<Y
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec: {ports: [{name: https, port: 4443, targetPort: 4443}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: metrics-server, namespace: kube-system, labels: {kubernetes.io/service-name: metrics-server}}
addressType: IPv4
ports: [{name: https, port: 4443, protocol: TCP}]
endpoints: [{addresses: ["$ADDRESS"], conditions: {ready: true}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1beta1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {name: metrics-server, namespace: kube-system, port: 4443}}
Y
  wait_for 60 metrics-server kubectl wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout=1s
}
