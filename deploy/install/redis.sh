#!/bin/sh
# redis.sh: a Redis server, 6 or later, for the cache of feeds. One that is there is used; on Debian and
# Ubuntu, as root, the distribution's package is installed, without a service that starts by itself.
set -eu
if found=$(command -v redis-server); then
  echo "redis: $found ($("$found" --version | cut -d' ' -f1-3))"
  exit 0
fi
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  # The package would start a server on the usual port; policy-rc.d says no for this one installation.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null
  echo "redis: $(command -v redis-server)"
  exit 0
fi
echo "redis: none is here; install Redis, then run this again" >&2
exit 1
