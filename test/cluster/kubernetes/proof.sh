#!/usr/bin/env bash
# Whether this machine's kernel lets the cluster that has been started do what every other does: a container that runs and is
# answered through the API server and through its Service's address, a limit of memory that holds. The suite would call its
# absence a difference.
set -euo pipefail
. "$(dirname "$0")/places.sh"
scene=slipway-proof
trap 'kubectl delete namespace $scene --wait=false --ignore-not-found >/dev/null 2>&1' EXIT
kubectl get namespace $scene >/dev/null 2>&1 || kubectl create namespace $scene >/dev/null
kubectl apply -n $scene -f - >/dev/null <<Y
apiVersion: v1
kind: Pod
metadata: { name: serves, labels: { app: serves } }
spec:
  containers: [{ name: server, image: "localhost/test-server:1", readinessProbe: { httpGet: { path: /ready, port: 8080 }, periodSeconds: 1 } }]
---
apiVersion: v1
kind: Pod
metadata: { name: eats }
spec:
  restartPolicy: Never
  containers: [{ name: server, image: "localhost/test-server:1", args: [eat], resources: { limits: { memory: 192Mi } } }]
---
apiVersion: v1
kind: Service
metadata: { name: serves }
spec: { selector: { app: serves }, ports: [{ port: 80, targetPort: 8080 }] }
Y
ended() { [ "$(kubectl get pod -n $scene eats -o 'jsonpath={.status.containerStatuses[0].state.terminated.reason}')" = OOMKilled ]; }
answered() { curl --noproxy '*' -fsS -m 5 "http://$(kubectl get service -n $scene serves -o 'jsonpath={.spec.clusterIP}')/"; }

wait_for 90 "a container (it has to run)" kubectl wait -n $scene --for=condition=Ready pod/serves --timeout=1s
wait_for 20 "the way to it through the API server" kubectl get --raw "/api/v1/namespaces/$scene/pods/serves:8080/proxy/"
wait_for 20 "the way to it through its Service's address" answered
wait_for 60 "a limit of memory (it has to end what eats more)" ended
