#!/bin/bash
# Runs a command whose /etc/krb5.conf is an empty file of its own, which it may write: clients of the test realm find it as they
# do on any machine, without an environment variable, and the machine's own file stays as it is. Run as root.
set -euo pipefail
if [[ ${1:-} != --inside ]]; then exec unshare --mount --propagation private "$0" --inside "$@"; fi
shift
[[ -f /etc/krb5.conf ]] || { echo "/etc/krb5.conf is missing: install krb5-config (part of krb5-kdc's dependencies)" >&2; exit 1; }
file=$(mktemp)
mount --bind "$file" /etc/krb5.conf
rm "$file"
exec "$@"
