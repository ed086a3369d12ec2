#!/usr/bin/env bash
# Makes the virtual environment and installs Accord into it, at the versions of constraints.txt.
#   install.sh PYTHON VENV demo|test
# Extras: postgresql and mysql always (wheels); ldap when it can be built here and, for the demo, slapd is there.
# Does nothing when nothing changed since the last time.
set -euo pipefail

python="$1" venv="$2" purpose="$3"

say() { printf '%s\n' "accord: $*" >&2; }

die() {
  say "$1"
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

has_header() { # Whether the compiler finds a header.
  printf '#include <sys/types.h>\n#include <%s>\n' "$1" | "${CC:-cc}" -E -x c - >/dev/null 2>&1
}

can_build_ldap() {
  command -v "${CC:-cc}" >/dev/null && has_header ldap.h && has_header sasl/sasl.h &&
    "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))'
}

has_slapd() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v slapd >/dev/null; }

command -v "$python" >/dev/null || die "there is no $python" "install Python 3.11 or newer, or: make PYTHON=/path/to/python"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "$("$python" -V) is too old" "install Python 3.11 or newer, or: make PYTHON=/path/to/python"

extras="postgresql,mysql"
if can_build_ldap && { [ "$purpose" = test ] || has_slapd; }; then
  extras="$extras,ldap"
elif [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import ldap' 2>/dev/null; then
  extras="$extras,ldap"
elif [ "$purpose" = demo ]; then
  say "no LDAP here (Debian: apt-get install slapd ldap-utils gcc libldap2-dev libsasl2-dev python3-dev): going on without"
fi
[ "$purpose" = test ] && extras="$extras,odbc,test"

mark="$venv/.accord-$purpose"
wanted="$extras $(cat pyproject.toml constraints.txt | cksum)"
[ -f "$mark" ] && [ "$(cat "$mark")" = "$wanted" ] && exit 0

if [ ! -x "$venv/bin/python" ]; then
  say "making $venv with $("$python" -V)"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    die "this Python cannot make virtual environments" "Debian and Ubuntu: apt-get install python3-venv"
  "$python" -m venv "$venv"
fi

say "installing accord[$extras]; this takes a minute the first time"
log="$venv/install.log"
if ! PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
  "$venv/bin/python" -m pip install --constraint constraints.txt --editable ".[$extras]" >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  die "the installation failed; everything it said is in $log"
fi
# An editable installation leaves the sources uncompiled, and where Python may not keep what it compiled, every command
# would compile them anew: a third of a second each time.
"$venv/bin/python" -m compileall -q src/accord demo benchmarks
printf '%s' "$wanted" > "$mark"
