#!/bin/sh
# nats.sh [PREFIX]: puts nats-server 2.15 into PREFIX/bin (default: the cache of the project,
# ~/.cache/pinwheel/nats, or $PINWHEEL_CACHE/nats). One from 2.10 on that is there is used; otherwise it
# is built from the module source with Go >= 1.25, checksums on: about a minute, once.
set -eu
version=v2.15.2
prefix=${1:-${PINWHEEL_CACHE:-$HOME/.cache/pinwheel}/nats}
mkdir -p "$prefix/bin"
prefix=$(cd "$prefix" && pwd)

right() {
  # "nats-server: v2.15.2"
  minor=$("$1" --version 2>/dev/null | sed -n 's/.*v2\.\([0-9]*\)\..*/\1/p')
  [ "${minor:-0}" -ge 10 ]
}
for found in "$prefix/bin/nats-server" "$(command -v nats-server || true)"; do
  if [ -x "$found" ] && right "$found"; then
    echo "nats: $found ($("$found" --version))"
    exit 0
  fi
done
command -v go >/dev/null || { echo "nats: neither nats-server 2.10 nor Go 1.25 is here; install one of them" >&2; exit 1; }

work=$(mktemp -d "$prefix/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
GOBIN=$work GOTOOLCHAIN=local CGO_ENABLED=0 nice go install -p "${JOBS:-2}" -trimpath -ldflags "-s -w" \
  "github.com/nats-io/nats-server/v2@$version"
# Whole or not at all, and of two builds at once either.
mv "$work/nats-server" "$prefix/bin/nats-server"
echo "nats: built $("$prefix/bin/nats-server" --version) into $prefix/bin"
