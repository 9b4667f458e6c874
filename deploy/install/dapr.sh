#!/bin/sh
# dapr.sh [PREFIX]: puts daprd, placement and scheduler 1.18 into PREFIX/bin (default: the cache of the
# project, ~/.cache/pinwheel/dapr, or $PINWHEEL_CACHE/dapr).
#
# An existing installation of the right version is used as it is. Otherwise they are built from the
# module sources with Go >= 1.26: four to twelve minutes the first time, nothing afterwards. The build
# leaves out Dapr's workflow engine, whose module the Go proxy may not serve (stubs/ stands in), and has
# the state stores that Pinwheel's components name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=1.18.3
prefix=${1:-${PINWHEEL_CACHE:-$HOME/.cache/pinwheel}/dapr}
mkdir -p "$prefix/bin"
prefix=$(cd "$prefix" && pwd)

complete() { [ -x "$1/daprd" ] && [ -x "$1/placement" ] && [ -x "$1/scheduler" ]; }
right() { case "$("$1/daprd" --version 2>/dev/null)" in 1.18.*) true ;; *) false ;; esac; }

on_path=$(command -v daprd || true)
for found in "$prefix/bin" "$HOME/.dapr/bin" "${on_path%/daprd}"; do
  if complete "$found" && right "$found"; then
    echo "dapr: $found ($("$found/daprd" --version))"
    exit 0
  fi
done
command -v go >/dev/null || { echo "dapr: neither Dapr 1.18 nor Go 1.26 is here; install one of them" >&2; exit 1; }

work=$prefix/build
. "$here/one-at-a-time.sh"
if complete "$prefix/bin"; then
  echo "dapr: $prefix/bin, built meanwhile"
  exit 0
fi

rm -rf "$work"
mkdir -p "$work/fetch" "$work/dapr" "$work/out"
cp -R "$here/dapr/go.mod" "$here/dapr/go.sum" "$here/dapr/daprd" "$work/"
export GOTOOLCHAIN=local CGO_ENABLED=0

# The verified module source, without its workflow engine.
cp "$work/go.sum" "$work/fetch/go.sum"
printf 'module example.com/fetch\n\ngo 1.26.6\n\nrequire github.com/dapr/dapr v%s\n' "$version" >"$work/fetch/go.mod"
source=$(cd "$work/fetch" && go mod download -json "github.com/dapr/dapr@v$version" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
(cd "$source" && tar cf - .) | (cd "$work/dapr" && tar xf -)
chmod -R u+w "$work/dapr"
cd "$work/dapr"
find . -name '*_test.go' -delete
(cd pkg/runtime/wfengine && rm -rf backends errors fake inprocess state todo ./*.go)
rm -rf pkg/actors/targets/workflow
cp -R "$here/dapr/stubs/pkg/." pkg/
sed -i -e '/durabletask-go\/backend"/d' -e 's/backend\.Backend/any/g' \
  pkg/runtime/compstore/compstore.go pkg/runtime/processor/manager.go
sed -i -e '/durabletask-go\/api"/d' -e 's/api\.ErrInstanceNotFound/errInstanceNotFound/g' \
  pkg/api/universal/workflow.go
printf '\nvar errInstanceNotFound = errors.New("no such instance")\n' >>pkg/api/universal/workflow.go

cd "$work"
flags="-s -w -X github.com/dapr/dapr/pkg/buildinfo.version=$version -X github.com/dapr/kit/logger.DaprVersion=$version"
build() { nice go build -mod=readonly -p "${JOBS:-2}" -trimpath -ldflags "$flags" -o "$work/out/$1" "$2"; }
build daprd ./daprd
build placement github.com/dapr/dapr/cmd/placement
build scheduler github.com/dapr/dapr/cmd/scheduler
# Whole or not at all: a killed build leaves no half of an installation.
for program in placement scheduler daprd; do mv "$work/out/$program" "$prefix/bin/$program"; done
echo "dapr: built $("$prefix/bin/daprd" --version) into $prefix/bin"
