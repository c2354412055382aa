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
