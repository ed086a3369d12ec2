#!/usr/bin/env bash
# Writes constraints.txt: the versions of everything installed, as they were tested together.
set -euo pipefail
bin="$1"
{
  echo "# The versions that were tested together; used by make. Made by: make constraints"
  "$bin/pip" --disable-pip-version-check freeze --exclude-editable
} > constraints.txt
