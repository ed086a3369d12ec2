#!/usr/bin/env bash
# Sees to it that servers and build tools which tests use are there: installs them as root on Debian, else says
# what is missing and which tests are left out therefore. No server is started: tests start their own, privately.
set -euo pipefail

python="${1:-python3}"
policy=/usr/sbin/policy-rc.d

say() { printf '%s\n' "accord: $*" >&2; }

has() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null; }

has_header() { [ -e "/usr/include/$1" ]; }

is_debian_python() { [ "$(readlink -f "$(command -v "$python")")" = "$(readlink -f /usr/bin/python3)" ]; }

missing=() left_out=()
need() { # need PACKAGE MARKER: the package is not there, and what it is for
  missing+=("$1")
  case " ${left_out[*]-} " in *" $2 "*) ;; *) left_out+=("$2") ;; esac
}

has gcc || need gcc ldap
has_header ldap.h || need libldap2-dev ldap
has_header sasl/sasl.h || need libsasl2-dev ldap
has slapd || need slapd ldap
has ldapsearch || need ldap-utils ldap
has openssl || need openssl ldap
has curl || need curl ldap
has jq || need jq ldap
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || has postgres || need postgresql postgresql
has mariadbd || has mysqld || need mariadb-server mariadb
compgen -G '/usr/lib/*/libodbc.so.2' >/dev/null || need unixodbc odbc
compgen -G '/usr/lib/*/odbc/libsqlite3odbc.so' >/dev/null || need libsqliteodbc odbc
compgen -G '/usr/lib/*/odbc/psqlodbcw.so' >/dev/null || need odbc-postgresql odbc
has samba || need samba samba
[ -d /usr/share/samba/setup ] || need samba-ad-provision samba
compgen -G '/usr/lib/*/samba/ldb' >/dev/null || need samba-dsdb-modules samba
has chromium || need chromium browser
if is_debian_python; then
  "$python" -c 'import ensurepip' 2>/dev/null || need python3-venv everything
  "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' || need python3-dev ldap
fi

[ "${#missing[@]}" -eq 0 ] && exit 0

if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
  say "missing: ${missing[*]}"
  say "left out therefore: the tests of ${left_out[*]}; as root: apt-get install ${missing[*]}"
  exit 0
fi

# Packages of servers start them; this is Debian's way to say no, taken back whatever happens.
saved=""
restore() {
  if [ -n "$saved" ]; then mv -f "$saved" "$policy"; else rm -f "$policy"; fi
}
if [ -e "$policy" ]; then
  saved="$policy.accord-saved"
  mv "$policy" "$saved"
fi
trap restore EXIT
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  say "could not install everything; left out may be: the tests of ${left_out[*]}"
fi
rm -f "$log"
