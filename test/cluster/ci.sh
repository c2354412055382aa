#!/usr/bin/env bash
# The cluster suite on a real Kubernetes, which is built (once: it is kept in the cache), started and taken away again.
# Where it cannot be had, the last lines say why, and that is no failure of the change; a difference that the suite finds is.
set -uo pipefail
cd "$(dirname "$0")/../.."
. test/cluster/kubernetes/places.sh

packages="containerd runc containernetworking-plugins iptables conntrack ipset socat openssl curl iproute2"
install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2086
  dpkg -s $packages >/dev/null 2>&1 && return 0
  say "installing $packages"
  # shellcheck disable=SC2086
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages; } >"$reasons" 2>&1 ||
    tail -n 5 "$reasons" >&2
}

reasons=$(mktemp)
started=no
clean_up() {
  [ $started = no ] || bash test/cluster/kubernetes/down.sh
  rm -f "$reasons"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

install_packages
# One that runs already is somebody's: it is used and left running.
[ -f "$STATE/ready" ] || started=yes
# What it says goes to the log as it comes; the last line on stdout is the kubeconfig.
kubeconfig=$(timeout 2700 bash test/cluster/kubernetes/up.sh --node real --gateway --metrics 2> >(tee "$reasons" >&2))
code=$?
if [ $code = 3 ]; then
  started=no
  echo
  echo "THE CLUSTER SUITE DID NOT RUN ON A REAL KUBERNETES. It cannot be had on this machine:"
  tail -n 3 "$reasons"
  exit 0
fi
if [ $code != 0 ]; then
  tail -n 15 "$LOGS"/*.log
  echo
  echo "THE CLUSTER SUITE DID NOT RUN ON A REAL KUBERNETES. It did not start here (exit code $code; 124: not within 45 minutes):"
  echo "the lines above are the ends of its logs."
  exit 0
fi

SLIPWAY_KUBECONFIG=$kubeconfig npm run test:cluster || exit 1
echo "The cluster suite ran on a real Kubernetes."
