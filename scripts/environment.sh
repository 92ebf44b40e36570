#!/bin/sh
# Make or refresh .venv from a lock with hashes: `environment.sh run` or `environment.sh dev`;
# `environment.sh canaille` makes the environment of an identity provider that tests sign in at.
# Needs Python 3.11 or newer with venv and pip; uv comes from pip. Nothing to do costs nothing.
set -eu
cd "$(dirname "$0")/.."
kind=$1
root=$(pwd)
venv=$root/.venv
installed=$venv/.installed

case $kind in
run) lock=requirements.lock ;;
dev) lock=requirements-dev.lock ;;
canaille) lock=scripts/canaille/canaille.lock venv=$root/.cache/peers/canaille installed=$venv/.installed ;;
*) echo "usage: $0 run|dev|canaille" >&2; exit 2 ;;
esac
wanted=$(cat "$lock" scripts/environment.sh | cksum | tr ' ' -)
dev=$(cat requirements-dev.lock scripts/environment.sh | cksum | tr ' ' -)
have=$(cat "$installed" 2>/dev/null || true)
# The dev lock contains the run lock.
if [ "$have" = "$kind $wanted $root" ] || [ "$have" = "dev $dev $root" ]; then exit 0; fi

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "Guerdon needs Python 3.11 or newer; PYTHON=/path/to/python3 make … names one" >&2; exit 1; }
[ -x .cache/uv/bin/uv ] || {
  echo "· getting uv"
  rm -rf .cache/uv
  "$python" -m venv .cache/uv ||
    { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
  .cache/uv/bin/pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement scripts/uv.lock
}

# uv does not read pip's configuration: hand it over where pip has one. With every hash pinned it
# does not matter which index a file comes from.
pip_setting() {
  .cache/uv/bin/pip config list 2>/dev/null |
    sed -n -E "s/^(global|install|:env:)\\.$1='(.*)'\$/\\2/p" | tail -1
}
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  index=$(pip_setting index-url); [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
fi
if [ -z "${UV_INDEX:-}${UV_EXTRA_INDEX_URL:-}" ]; then
  index=$(pip_setting extra-index-url); [ -z "$index" ] || export UV_INDEX="$index"
fi
if [ -z "${UV_FIND_LINKS:-}" ]; then
  links=$(pip_setting find-links); [ -z "$links" ] || export UV_FIND_LINKS="$(echo "$links" | tr ' ' ,)"
fi
if [ -z "${SSL_CERT_FILE:-}" ]; then
  cert=$(pip_setting cert); [ -z "$cert" ] || export SSL_CERT_FILE="$cert"
fi
export UV_INDEX_STRATEGY=unsafe-best-match UV_LINK_MODE="${UV_LINK_MODE:-copy}"

echo "· installing packages from $lock"
[ -x "$venv/bin/python" ] && [ "${have##* }" = "$root" ] || {
  rm -rf "$venv"
  .cache/uv/bin/uv venv --quiet --no-project --python "$python" "$venv"
}
rm -f "$installed"
.cache/uv/bin/uv pip sync --quiet --require-hashes --python "$venv/bin/python" "$lock" || {
  echo "· uv could not; trying pip"
  "$python" -m venv --upgrade --upgrade-deps "$venv" >/dev/null 2>&1 || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    --requirement "$lock"
}

if [ "$kind" = canaille ]; then echo "$kind $wanted $root" >"$installed"; exit 0; fi

# A library that one wheel leaves to the system, and a small Debian has not: Debian's own package,
# unpacked into the environment. Nobody has to be root for that.
"$venv/bin/python" -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null || {
  echo "· getting OpenMP"
  apt=$root/.cache/apt
  rm -rf "$apt"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
  apart() {
    apt-get -qq -o "Dir::State=$apt/state" -o Dir::State::status=/var/lib/dpkg/status \
      -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
  }
  (cd "$apt" && apart update && apart download libgomp1 &&
    dpkg-deb -x libgomp1_*.deb unpacked &&
    cp -L unpacked/usr/lib/*/libgomp.so.1 "$venv/lib/libgomp.so.1") >"$apt/log" 2>&1 || {
    cat "$apt/log" >&2
    echo "Learning needs libgomp.so.1. Run: sudo apt-get install libgomp1" >&2
    exit 1
  }
  rm -rf "$apt"
}

# The sources are found by path; the command is a launcher beside the interpreter.
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$root/platform" "$root/workers" >"$site/guerdon-sources.pth"
printf '#!/bin/sh\nexec "%s/bin/python" -m guerdon.cli "$@"\n' "$venv" >"$venv/bin/guerdon"
chmod +x "$venv/bin/guerdon"
echo "$kind $wanted $root" >"$installed"
