#!/usr/bin/env bash
# build.sh PART...: builds each of hyper, kwok, metrics-server, traefik, gateway-api, node-images and gateway-images that is not in the cache
# yet. hyper is etcd and all of Kubernetes in one binary; everything comes from Go's module proxy.
set -euo pipefail
. "$(dirname "$0")/places.sh"
. "$HERE/prerequisites.sh"
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false

build() { # build FOLDER PACKAGE LDFLAGS
  local output; output=$(built "$1")
  [ -x "$output" ] && return 0
  require_go
  say "building $1 (minutes, the first time)"
  cd "$HERE/$1"
  go list -deps "$2" >/dev/null || fail 3 "The sources of $1 cannot be had from the Go module proxy: see the lines above."
  mkdir -p "$(dirname "$output")"
  go build -trimpath -ldflags "-s -w $3" -o "$output.unfinished" "$2"
  mv "$output.unfinished" "$output"
  # Older builds of the same part are of no use to anybody.
  find "$CACHE" -maxdepth 1 -regex ".*/$1-[0-9a-f]*" ! -path "$(dirname "$output")" -exec rm -rf {} +
}

# A binary built from modules does not know which Kubernetes it is: it is told.
version_flags() {
  local version package
  version=$(sed -n 's/^\tk8s.io\/kubernetes \(v[0-9.]*\)$/\1/p' "$HERE/hyper/go.mod")
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- ' -X %s.%s' "$package" "gitVersion=$version" "$package" gitMajor=1 "$package" "gitMinor=$(cut -d. -f2 <<<"$version")" \
      "$package" gitTreeState=clean "$package" buildDate=2026-01-01T00:00:00Z
  done
}

# The definitions of GatewayClass, Gateway and HTTPRoute are files of a module that Traefik uses.
gateway_api() {
  local output module
  output=$CACHE/gateway-api-$(digest_of "$HERE/traefik")
  [ -d "$output" ] && return 0
  require_go
  cd "$HERE/traefik"
  module=$(go mod download -json sigs.k8s.io/gateway-api | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  [ -n "$module" ] || fail 3 "The definitions of the Gateway API cannot be had from the Go module proxy: see the lines above."
  mkdir -p "$output.unfinished"
  install -m 644 "$module"/config/crd/standard/gateway.networking.k8s.io_*.yaml "$output.unfinished/"
  mv "$output.unfinished" "$output"
}

# Images, in archives named by their content: write.ts leaves alone what is there.
images() { # images ARCHIVE PROGRAM
  (cd "$ROOT" && node bin/launch.mjs test/cluster/images/write.ts "$1" "$(built "$2")" "$CACHE/images" >&2)
}

mkdir -p "$CACHE"
for part in "$@"; do
  case $part in
    hyper) build hyper . "$(version_flags)" ;;
    kwok) build kwok sigs.k8s.io/kwok/cmd/kwok "" ;;
    metrics-server) build metrics-server sigs.k8s.io/metrics-server/cmd/metrics-server "" ;;
    traefik) build traefik github.com/traefik/traefik/v3/cmd/traefik "" ;;
    gateway-api) gateway_api ;;
    node-images) build pause . "" && images node pause ;;
    gateway-images) build traefik github.com/traefik/traefik/v3/cmd/traefik "" && images gateway traefik ;;
    *) fail 2 "No such part: $part. Parts: hyper kwok metrics-server traefik gateway-api node-images gateway-images" ;;
  esac
done
