#!/bin/bash
# Has systemd judge the units: they are staged in a folder of their own, with stubs where their commands will be, since
# systemd-analyze also complains of missing ones. Whatever it says fails this script. Needs no root and no running systemd.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

units=$stage/etc/systemd/system
mkdir -p "$units" "$stage/usr/lib/systemd"
# The units and targets that every system has and that ours order themselves by.
cp -a /usr/lib/systemd/system "$stage/usr/lib/systemd/system"
cp "$here"/trueconf-calendar*.target "$here"/trueconf-calendar*.service "$units"

stub() {
  mkdir -p "$stage$(dirname "$1")"
  printf '#!/bin/sh\n' >"$stage$1"
  chmod 755 "$stage$1"
}
sed -nE 's|^Exec[A-Za-z]+=[-@:+!]*(/[^ ]+).*|\1|p' "$here"/*.service | sort -u | while read -r program; do stub "$program"; done

# Templates are judged as an instance of theirs.
names=()
for unit in "$here"/trueconf-calendar*.target "$here"/trueconf-calendar*.service; do
  name=$(basename "$unit")
  names+=("${name/@./@0.}")
done

said=$(systemd-analyze --root="$stage" --man=no verify "${names[@]}" 2>&1) && status=0 || status=$?
if [[ $status -ne 0 || -n $said ]]; then
  printf '%s\nsystemd-analyze verify refuses the units (exit code %s)\n' "$said" "$status" >&2
  exit 1
fi

# Every main.js that a unit starts belongs to a package of ours.
sed -nE 's|^Exec.*/lib/([a-z-]+)/dist/main\.js.*|\1|p' "$here"/*.service | sort -u | while read -r package; do
  [[ -f $here/../../packages/$package/package.json ]] || { echo "units start packages/$package, which is not there" >&2; exit 1; }
done

if command -v systemd-sysusers >/dev/null && [[ $(id -u) -eq 0 ]]; then
  said=$(systemd-sysusers --root="$stage" "$here/trueconf-calendar.sysusers.conf" 2>&1) || { echo "$said" >&2; exit 1; }
  for user in sync gateway launcher; do grep -q "^trueconf-calendar-$user:" "$stage/etc/passwd"; done
fi
echo "systemd accepts ${#names[@]} units"
