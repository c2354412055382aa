#!/usr/bin/env bash
# The cluster suite on a real Kubernetes, which is built (once: it is kept in the cache), started and taken away again.
# A difference that the suite finds is a failure (1) where the suite has been green before; on a machine that is new to it nothing
# tells a difference of ours from one of the machine's, and it is reported. Where no Kubernetes can be had, the last lines say why: 0.
set -uo pipefail
# Everything here lies below it, and not every runner sets it.
export HOME=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
cd "$(dirname "$0")/../.."
. test/cluster/kubernetes/places.sh

# Seconds. The suite has what building has left of the limit that .ci/run sets, without what comes after it.
wait_limit=${SLIPWAY_CI_WAIT_LIMIT:-120} install_limit=240 up_limit=${SLIPWAY_CI_UP_LIMIT:-1500} suite_end=2780 kill_limit=300
packages="containerd runc containernetworking-plugins iptables conntrack ipset socat openssl curl iproute2"
reasons=$(mktemp) printed=$(mktemp)
green=$(dirname "$STATE")/suite-was-green
started=no
clean_up() {
  [ $started = no ] || timeout 60 bash test/cluster/kubernetes/down.sh
  rm -f "$reasons" "$printed"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# did_not_run WHY...: the end of a run that says nothing about the change.
did_not_run() {
  echo
  printf '%s\n' "THE CLUSTER SUITE DID NOT RUN ON A REAL KUBERNETES." "$@"
  exit 0
}

install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
  # shellcheck disable=SC2086
  dpkg -s $packages >/dev/null 2>&1 && return 0
  say "installing $packages"
  # shellcheck disable=SC2086
  timeout $install_limit sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages" >"$reasons" 2>&1 9>&- ||
    { say "they could not be installed:"; tail -n 5 "$reasons" >&2; }
}

# One that runs is somebody's: it is used and left. What a machine left that was switched off is cleared away.
take_over() {
  # One that somebody is just starting is not there yet, and not left behind either.
  timeout 300 flock "$STATE.lock" true
  if [ -f "$STATE/ready" ] && runs kube-apiserver; then return 0; fi
  [ ! -d "$STATE" ] || timeout 60 bash test/cluster/kubernetes/down.sh
  started=yes
}

# Two runs on one machine take turns: the second would lose its cluster when the first ends.
mkdir -p "$(dirname "$STATE")" || did_not_run "$(dirname "$STATE") cannot be written: see the line above."
exec 9>"$STATE.ci.lock"
flock -w "$wait_limit" 9 || did_not_run "Another run has had this machine's cluster for $wait_limit seconds."

install_packages
take_over
# What it says goes to the log as it comes; the last line on stdout is the kubeconfig.
# One of the suite's questions is what becomes of a page that has been forgotten, for which nobody need wait ten minutes.
kubeconfig=$(ETCD_COMPACTION=1m timeout "$up_limit" bash test/cluster/kubernetes/up.sh --node real --gateway --metrics 2> >(tee "$reasons" >&2) 9>&-)
code=$?
case $code in
  0) ;;
  3)
    started=no
    did_not_run "It cannot be had on this machine:" "$(tail -n 3 "$reasons")"
    ;;
  124) did_not_run "It was not there within $up_limit seconds. What has been built is kept: the next run goes on from there." "$(tail -n 3 "$reasons")" ;;
  *)
    tail -n 15 "$LOGS"/*.log 2>/dev/null | cut -c1-300
    did_not_run "It did not start here (exit code $code); above are the ends of its logs, and this was said last:" "$(tail -n 3 "$reasons")"
    ;;
esac
timeout 120 bash test/cluster/kubernetes/proof.sh 9>&- 2> >(tee "$reasons" >&2) ||
  did_not_run "It started, and does not do here what every Kubernetes does:" "$(tail -n 3 "$reasons")"

# suite SECONDS ARGUMENTS...: 1 for a difference; 124 for a machine that is too slow for it and has shown none until then.
suite() {
  local limit=$1 code; shift
  SLIPWAY_KUBECONFIG=$kubeconfig timeout --kill-after=30 "$limit" npm run test:cluster -- "$@" 2>&1 9>&- | tee "$printed"
  code=${PIPESTATUS[0]}
  [ "$code" != 137 ] || code=124
  if [ "$code" = 124 ] && grep -qE 'Once more, from the beginning|×' "$printed"; then code=1; fi
  case $code in 0|124) return "$code" ;; *) return 1 ;; esac
}

suite_limit=${SLIPWAY_CI_SUITE_LIMIT:-$((suite_end - SECONDS))}
suite "$suite_limit"
case $? in
  1)
    echo
    echo "THE CLUSTER SUITE FAILED ON A REAL KUBERNETES: see above."
    [ -f "$green" ] || { echo "It has never been green on this machine ($green is not there): reported only." && exit 0; }
    exit 1
    ;;
  124) did_not_run "It began, and did not come to an end within $suite_limit seconds on this machine. Nothing had failed until then." ;;
esac
touch "$green"
said="The cluster suite ran on a real Kubernetes."
# Alone, since nobody else is answered meanwhile; and never on a cluster that somebody else uses. Reported: how long a gateway
# takes to hear of everything again is its own, and the product waits a minute for it.
if [ $started = yes ] && ! SLIPWAY_MAY_KILL=1 suite $kill_limit api-server-killed; then
  said="$said WITH THE API SERVER KILLED IT FAILED, OR DID NOT END IN TIME: see above."
fi
echo
echo "$said"
