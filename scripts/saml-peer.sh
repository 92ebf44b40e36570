#!/bin/sh
# Find SimpleSAMLphp and PHP for the SAML tests, or install them (Debian), and say the one command
# where this user cannot. They run unprivileged, without a web server of the machine's.
set -eu

works() {
  [ -f /usr/share/simplesamlphp/www/saml2/idp/SSOService.php ] &&
    php -r 'exit(extension_loaded("dom") && extension_loaded("mbstring") ? 0 : 1);' 2>/dev/null
}

works && exit 0
packages="simplesamlphp php-cli php-xml php-mbstring"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "· installing SimpleSAMLphp"
  # What it recommends would put a web server on the machine; some of what it needs starts one.
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends $packages >/dev/null || true
  works && exit 0
fi
echo "The SAML tests need SimpleSAMLphp, and this user cannot install it. Run:" >&2
echo "    sudo apt-get install --no-install-recommends $packages" >&2
exit 1
