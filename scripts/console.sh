#!/bin/sh
# Build the console into admin_spa/dist, or do nothing when it is built from what is there now.
# `console.sh packages` only installs what its checks and its build need.
# Node and npm come from .venv; npm reads the user's own configuration.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
spa=$root/admin_spa
cache=$root/.cache/console
mkdir -p "$cache"
export PATH="$root/.venv/bin:$PATH" CI=1 NO_COLOR=1

# Two builds at a time (a demo and a test run) would write into each other.
exec 9>"$cache/lock"
flock 9

hash_of() { (cd "$spa" && find "$@" -type f -exec sha256sum {} + | LC_ALL=C sort -k2 | sha256sum | cut -c1-64); }
run() {
  "$@" >"$cache/log" 2>&1 || {
    tail -40 "$cache/log" >&2
    echo "the console was not built: \`$*\` failed" >&2
    exit 1
  }
}

packages=$(hash_of package.json package-lock.json .npmrc)
if [ "$(cat "$spa/node_modules/.installed" 2>/dev/null || true)" != "$packages" ]; then
  echo "· console: installing packages"
  (cd "$spa" && run npm ci --no-audit --no-fund)
  echo "$packages" >"$spa/node_modules/.installed"
fi

# What the sources are made into is made of the client and the words.
generated=$(hash_of openapi.json openapi-ts.config.ts package-lock.json locales scripts/catalogues.mjs)
if [ "$(cat "$cache/generated" 2>/dev/null || true)" != "$generated" ] || [ ! -d "$spa/src/api" ] || [ ! -d "$spa/src/i18n/messages" ]; then
  echo "· console: generating client and words"
  (cd "$spa" && run npm run -s client && run npm run -s compile)
  echo "$generated" >"$cache/generated"
fi
[ "${1:-}" != packages ] || exit 0

inputs=$(hash_of package.json package-lock.json openapi.json index.html vite.config.ts tsconfig.json scripts src locales)
if [ "$(cat "$spa/dist/.inputs" 2>/dev/null || true)" = "$inputs" ]; then exit 0; fi
echo "· console: building"
(cd "$spa" && run npm run -s build)
echo "$inputs" >"$spa/dist/.inputs"
