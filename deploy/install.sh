#!/bin/bash
# Installs the connector from this checkout under /opt/trueconf/calendar, or brings an installed one up to date. Builds
# first, so it needs what a build needs: Node 20 or later with npm, and the package registry or a filled store.
#
#   deploy/install.sh [--root DIR]
#
# --root installs below DIR, for packages and containers. Config, key and database are left alone; nothing is started.
set -euo pipefail

root=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --root) root=${2:?--root wants a folder}; shift 2 ;;
    *) echo "usage: deploy/install.sh [--root DIR]" >&2; exit 64 ;;
  esac
done
[[ $(id -u) -eq 0 ]] || { echo "deploy/install.sh installs system units and users: run it as root" >&2; exit 77; }

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=/opt/trueconf/calendar
target=$root$home
programs=(sync-worker ws-gateway launcher hash-cli calendarctl)
pnpm() { npx --yes pnpm@12 "$@"; }
umask 022

cd "$checkout"
pnpm install --frozen-lockfile
pnpm build
if ! compgen -G 'packages/gssapi/prebuilt/*.node' >/dev/null; then
  echo 'Without the Kerberos addon, which "pnpm run build-kerberos" makes (docs/kerberos.md): auth "kerberos" will not work.'
fi

# Each program with its own dependencies beside it. Everything is complete before anything is replaced.
new=$target/lib.new
rm -rf "$new"
mkdir -p "$new" "$target/bin/calendar" "$target/share/doc"
for program in "${programs[@]}"; do
  [[ -f packages/$program/dist/main.js ]] || { echo "packages/$program has no dist/main.js after the build" >&2; exit 1; }
  pnpm --filter "$program" --config.package-import-method=copy deploy --prod "$new/$program"
done
rm -rf "$target/lib.old"
[[ ! -e $target/lib ]] || mv "$target/lib" "$target/lib.old"
mv "$new" "$target/lib"
rm -rf "$target/lib.old"

# A running process keeps the old binary: the name is given to the new file at once.
install -m 755 "$(readlink -f node_modules/node/bin/node)" "$target/bin/node.new"
mv "$target/bin/node.new" "$target/bin/node"
command_file() {
  printf '#!/bin/sh\nexec %s/bin/node %s/lib/%s/dist/main.js "$@"\n' "$home" "$home" "$2" >"$target/bin/calendar/$1"
  chmod 755 "$target/bin/calendar/$1"
}
command_file tc_calendar hash-cli
command_file calendarctl calendarctl
install -m 644 docs/*.md docs/config.schema.json LICENSE "$target/share/doc"
mkdir -p "$target/share/doc/reference"
install -m 644 docs/reference/*.md "$target/share/doc/reference"

systemd=$root/usr/lib
mkdir -p "$systemd/systemd/system" "$systemd/sysusers.d" "$systemd/tmpfiles.d"
install -m 644 deploy/systemd/trueconf-calendar*.{target,service} "$systemd/systemd/system"
install -m 644 deploy/systemd/trueconf-calendar.sysusers.conf "$systemd/sysusers.d/trueconf-calendar.conf"
install -m 644 deploy/systemd/trueconf-calendar.tmpfiles.conf "$systemd/tmpfiles.d/trueconf-calendar.conf"
# systemd-sysusers does not make the folder of the files that it writes.
mkdir -p "$root/etc"
systemd-sysusers ${root:+--root="$root"} trueconf-calendar.conf
systemd-tmpfiles ${root:+--root="$root"} --create trueconf-calendar.conf
if [[ -z $root && -d /run/systemd/system ]]; then systemctl daemon-reload; fi

version=$(sed -nE 's/^  "version": "(.*)",$/\1/p' package.json)
echo "Installed version $version under $target. Next: $home/share/doc/install.md"
