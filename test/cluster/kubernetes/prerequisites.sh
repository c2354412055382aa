# What this machine must have, each missing thing named with what to do. Sourced by up.sh.

# Debian package → a file or command that it brings.
require_commands() { # require_commands WHAT PACKAGE=COMMAND...
  local what=$1 missing=() pair; shift
  for pair in "$@"; do
    command -v "${pair#*=}" >/dev/null || [ -e "${pair#*=}" ] || missing+=("${pair%%=*}")
  done
  [ ${#missing[@]} -eq 0 ] || fail 3 "Missing for $what: ${missing[*]}. Install with: apt-get install -y ${missing[*]}"
}

# A root that may do nothing is no root: containers need addresses of their own, mounts and control groups.
require_root() {
  local advice="Run it with sudo, in a privileged container or in a virtual machine." rights
  [ "$(id -u)" = 0 ] || fail 3 "A cluster needs root (addresses, containers, iptables), and this is $(id -un). $advice"
  rights=$((16#$(sed -n 's/^CapEff:\t//p' /proc/self/status)))
  (((rights >> 12 & 1) && (rights >> 21 & 1))) || fail 3 "A cluster needs CAP_NET_ADMIN and CAP_SYS_ADMIN, and this root has not got both. $advice"
  find /sys/fs/cgroup -maxdepth 0 -writable | grep -q . || fail 3 "A cluster needs control groups, and /sys/fs/cgroup cannot be written. $advice"
}

# Go itself fetches a newer version where its settings allow that: what counts is the version that answers in the module's folder.
require_go() {
  command -v go >/dev/null || fail 3 "Go 1.26 or newer is missing, and Kubernetes is built with it. Install it from https://go.dev/dl/ and put its bin folder into PATH."
  local version minor
  version=$(cd "$HERE/hyper" && go env GOVERSION)
  minor=${version#go1.}; minor=${minor%%[.a-z]*}
  [ "${minor:-0}" -ge 26 ] 2>/dev/null || fail 3 "Go 1.26 or newer is needed, and $(command -v go) is $version. Install a newer one from https://go.dev/dl/."
}

require_packages() { # require_packages real|kwok
  require_commands "every cluster" openssl=openssl curl=curl iproute2=ip util-linux=flock
  [ "$1" = kwok ] || require_commands "a real node (another one: --node kwok)" containerd=containerd containerd=ctr runc=runc \
    containernetworking-plugins=/usr/lib/cni/bridge iptables=iptables conntrack=conntrack ipset=ipset socat=socat
}

# Who takes the place of etcd would be given what the API server stores; whoever listens everywhere listens on our address too.
require_ports() { # require_ports PROCESS ADDRESS PORT...
  local name=$1 address=$2 port taken; shift 2
  runs "$name" && return 0
  for port in "$@"; do
    taken=$(ss -Hlnut "sport = :$port" | awk -v own="$address:$port" -v any="^(0\\.0\\.0\\.0|\\*|\\[::\\]):$port$" '$5 == own || $5 ~ any { print $5; exit }')
    [ -z "$taken" ] || fail 3 "Port $port of $address is needed for $name, and something else listens on $taken. End that, or move the cluster: SLIPWAY_CLUSTER_ADDRESS."
  done
}

require_free_ports() { # require_free_ports real|kwok
  require_ports etcd 127.0.0.1 "$ETCD_PORT" $((ETCD_PORT + 1))
  require_ports kube-apiserver "$ADDRESS" "$API_PORT"
  require_ports kube-controller-manager 127.0.0.1 10257
  require_ports kube-scheduler 127.0.0.1 10259
  [ $metrics = no ] || require_ports metrics-server "$ADDRESS" 4443
  [ $gateway = no ] || [ -f "$STATE/gateway" ] || require_ports traefik "$ADDRESS" 80 8001
  [ "$1" = real ] || { require_ports kwok "$ADDRESS" 10247; return; }
  require_ports kubelet "$ADDRESS" 10250
  require_ports kubelet 127.0.0.1 10248
  require_ports kube-proxy 127.0.0.1 10249 10256
  require_ports dns "$ADDRESS" 53
}

# kube-proxy and cluster:down would take away the rules of another Kubernetes. Rules alone may be what a cluster that ended has left.
require_no_other_node() {
  local process command
  [ ! -f "$STATE/node" ] && iptables-save 2>/dev/null | grep -q 'KUBE-' || return 0
  for process in /proc/[0-9]*; do
    command=$({ tr "\0" " " <"$process/cmdline"; } 2>/dev/null) || continue
    case " ${command//\// } " in
      *" kubelet --"*|*" kube-proxy --"*) fail 3 "This machine is a node of another Kubernetes: process ${process#/proc/} is ${command%% --*}. Take a machine of its own." ;;
    esac
  done
}
