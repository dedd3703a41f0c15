#!/bin/sh
# What the implementations in other languages stand on, and what pages and reports are tested with, from Debian's packages,
# where they are not here yet: npm, pip, cargo, go and Maven bring the rest.
set -eu
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

set -- g++ cmake nlohmann-json3-dev libtorch-dev tiny-dnn libcereal-dev libstb-dev libgemmlowp-dev python3-torch python3-venv
set -- "$@" fonts-dejavu-core libxml2-utils
command -v chromium >/dev/null || set -- "$@" chromium
command -v mvn >/dev/null || set -- "$@" maven openjdk-17-jdk-headless
if dpkg-query --show "$@" >/dev/null 2>&1; then
  echo "all are here: $*"
  exit
fi
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends "$@" >/dev/null
echo "installed: $*"
