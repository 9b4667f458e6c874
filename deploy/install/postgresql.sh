#!/bin/sh
# postgresql.sh: a PostgreSQL server, 15 or later, for the state of actors in a cluster. One that is there
# is used; on Debian and Ubuntu, as root, the distribution's package is installed, without a cluster
# that starts by itself.
set -eu
# Debian keeps the server's programs off the PATH.
find_server() {
  for bin in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || echo none/)")"; do
    [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] || continue
    major=$("$bin/postgres" --version | sed -n 's/.* \([0-9]*\)\..*/\1/p')
    if [ "${major:-0}" -ge 15 ]; then
      echo "postgresql: $bin ($("$bin/postgres" --version))"
      return 0
    fi
  done
  return 1
}
if find_server; then exit 0; fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  mkdir -p /etc/postgresql-common
  # The package would make a cluster of its own and start it.
  [ -e /etc/postgresql-common/createcluster.conf ] ||
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
  find_server
  exit 0
fi
echo "postgresql: none from 15 on is here; install PostgreSQL, then run this again" >&2
exit 1
