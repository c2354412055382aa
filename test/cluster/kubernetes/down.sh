#!/usr/bin/env bash
# npm run cluster:down: ends the cluster that cluster:up started and deletes what it stored. Nothing to end is no error.
# It leaves no rule of iptables with KUBE- or CNI in it: not beside another Kubernetes on the same machine.
set -uo pipefail
. "$(dirname "$0")/places.sh"
mkdir -p "$(dirname "$STATE")"
exec 9>"$STATE.lock"
flock 9
[ -d "$STATE" ] || { say "no cluster is running"; exit 0; }

end_containers() {
  [ -S "$CONTAINERD" ] && runs containerd || return 0
  local task container tools="ctr -a $CONTAINERD -n k8s.io"
  for task in $($tools tasks ls -q 2>/dev/null); do $tools tasks kill -s KILL "$task" >/dev/null 2>&1; done
  for _ in $(seq 50); do [ -z "$($tools tasks ls 2>/dev/null | awk '$3=="RUNNING"')" ] && break; sleep 0.1; done
  for task in $($tools tasks ls -q 2>/dev/null); do $tools tasks delete -f "$task" >/dev/null 2>&1; done
  for container in $($tools containers ls -q 2>/dev/null); do $tools containers delete "$container" >/dev/null 2>&1; done
}

# Shims outlive containerd; only those of this containerd's socket are ours.
end_shims() {
  local process command
  for process in /proc/[0-9]*; do
    command=$({ tr "\0" " " <"$process/cmdline"; } 2>/dev/null) || continue
    case $command in *containerd-shim-runc-v2*"-address $CONTAINERD"*) kill -9 "${process#/proc/}" ;; esac
  done
}

unmount() {
  awk -v below="$STATE/" 'index($2, below) == 1 {print $2}' /proc/mounts | sort -r | while read -r place; do
    umount "$place" 2>/dev/null || umount -l "$place"
  done
}

# CNI and kube-proxy leave their chains behind: the tables are written again without them.
restore_network() {
  local name
  for name in $(ip -o netns list 2>/dev/null | awk '/^cni-/{print $1}'); do ip netns delete "$name"; done
  ip link delete kube0 2>/dev/null
  if command -v iptables-save >/dev/null && iptables-save 2>/dev/null | grep -qE 'CNI|KUBE-'; then
    iptables-save 2>/dev/null | grep -vE 'CNI|KUBE-' | iptables-restore
  fi
}

for name in traefik metrics-server kwok kubelet dns; do stop "$name"; done
end_containers
if runs kube-proxy; then stop kube-proxy; "$hyper" kube-proxy --cleanup >/dev/null 2>&1; fi
for name in containerd kube-scheduler kube-controller-manager kube-apiserver etcd; do stop "$name"; done
if [ "$(cat "$STATE/node" 2>/dev/null)" = real ]; then
  end_shims
  unmount
  restore_network
  find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null
fi
[ ! -f "$STATE/kwok-route" ] || ip route del local 10.244.0.0/16 dev lo 2>/dev/null
[ ! -f "$STATE/address" ] || ip addr del "$ADDRESS/32" dev lo 2>/dev/null
[ ! -f "$STATE/sysctl" ] || sysctl -qp "$STATE/sysctl"
rm -rf "$STATE" || fail 1 "$STATE cannot be deleted: see the line above."
say "the cluster is gone"
