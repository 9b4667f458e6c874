#!/bin/sh
# neo4j.sh [PREFIX]: puts a Neo4j Community server 5.26 into PREFIX (default: the cache of the project,
# ~/.cache/pinwheel/neo4j, or $PINWHEEL_CACHE/neo4j): its jars in lib/, the programs `neo4j` and
# `neo4j-admin` in bin/. Needs Java 17 or 21; Maven fetches the jars (125 MB, half a minute), once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=5.26.30
prefix=${1:-${PINWHEEL_CACHE:-$HOME/.cache/pinwheel}/neo4j}
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
major=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')
case "$major" in
  17 | 21) ;;
  *) echo "neo4j: it needs Java 17 or 21, here is ${major:-none}; install one, or set JAVA_HOME" >&2; exit 1 ;;
esac

work=$prefix/fetch
. "$here/one-at-a-time.sh"

if [ "$(cat "$prefix/version" 2>/dev/null)" != "$version" ]; then
  command -v mvn >/dev/null || { echo "neo4j: Maven 3.8 or later fetches it; install Maven" >&2; exit 1; }
  rm -rf "$work" "$prefix/lib" "$prefix/version"
  mvn -B -ntp -q -f "$here/neo4j/pom.xml" -Dneo4j.version="$version" \
    dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work"
  # Whole or not at all: a killed fetch leaves no half of an installation.
  mv "$work" "$prefix/lib"
  echo "$version" >"$prefix/version"
fi
mkdir -p "$prefix/bin"
cp "$here/neo4j/java-options" "$here/neo4j/neo4j" "$here/neo4j/neo4j-admin" "$prefix/bin/"
chmod +x "$prefix/bin/neo4j" "$prefix/bin/neo4j-admin"
echo "neo4j: $prefix/bin (Community $version)"
