# Where things lie, and how a long-running process is started, found and stopped. Sourced by the other scripts.
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../../.." && pwd)

# What is built is kept between clusters and clones; what a cluster stores is deleted with it.
CACHE=${SLIPWAY_CACHE:-$HOME/.cache/slipway/kubernetes}
STATE=${SLIPWAY_CLUSTER_STATE:-$HOME/.cache/slipway/cluster}
KEYS=$STATE/pki LOGS=$STATE/log RUN=$STATE/run
KUBECONFIG_FILE=$STATE/kubeconfig

# An address of this machine that nobody else has: reachable from pods and processes here, and from nowhere else.
ADDRESS=${SLIPWAY_CLUSTER_ADDRESS:-10.97.0.1}
API_PORT=6443 ETCD_PORT=2379
NODE_NAME=node-1
CONTAINERD=$STATE/containerd.sock

say() { echo "[$(date +%T)] $*" >&2; }

# Ends the script: 2 means wrongly called, 3 something is missing on this machine, 1 it did not work.
fail() { local code=$1; shift; printf '%s\n' "$@" >&2; exit "$code"; }

# One number for everything in a folder: the same sources are built once.
digest_of() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-12; }
built() { echo "$CACHE/$1-$(digest_of "$HERE/$1")/$1"; }

born() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }
# A process is ours when it has the number and the time of birth that were written down.
runs() { [ -f "$RUN/$1.pid" ] && [ "$(born "$(cat "$RUN/$1.pid")")" = "$(cat "$RUN/$1.born")" ] && alive "$(cat "$RUN/$1.pid")"; }
alive() { case $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) in ''|Z|X) return 1;; esac; }

start() { # start NAME COMMAND...
  local name=$1; shift
  runs "$name" && return 0
  # The lock of up.sh is on descriptor 9: what outlives the script must not hold it.
  setsid nohup "$@" >>"$LOGS/$name.log" 2>&1 </dev/null 9>&- &
  echo $! >"$RUN/$name.pid"
  born $! >"$RUN/$name.born"
}

stop() { # stop NAME
  if runs "$1"; then
    local pid; pid=$(cat "$RUN/$1.pid")
    kill "$pid"
    for _ in $(seq 100); do alive "$pid" || break; sleep 0.1; done
    if alive "$pid"; then kill -9 "$pid"; fi
  fi
  rm -f "$RUN/$1.pid" "$RUN/$1.born"
}

wait_for() { # wait_for SECONDS NAME COMMAND...
  local end=$((SECONDS + $1)) name=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail 1 "$name is not ready. Its log is in $LOGS; npm run cluster:down takes away what was started."
    sleep 0.2
  done
  say "$name is ready"
}

# The one that the cluster was started with, whatever has been built since.
hyper=$STATE/hyper
kubectl() { "$hyper" kubectl --kubeconfig "$KUBECONFIG_FILE" "$@"; }
