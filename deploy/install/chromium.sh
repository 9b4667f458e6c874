#!/bin/sh
# chromium.sh: a Chromium for the browser tests. One that is there is used; on Debian and Ubuntu, as
# root, the distribution's package is installed.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if found=$(command -v "$name"); then
    echo "chromium: $found"
    exit 0
  fi
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
  echo "chromium: $(command -v chromium)"
  exit 0
fi
echo "chromium: none is here; install Chromium or Chrome, then run this again" >&2
exit 1
