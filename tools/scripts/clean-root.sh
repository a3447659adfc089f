#!/usr/bin/env bash
# Proves that the two commands work on a bare system: makes a minimal Debian 12
# root, clones the committed state of this tree into it from outside, runs
# tools/quickstart and tools/check there, and says how long each took.
#
#   tools/scripts/clean-root.sh [--keep] [COMMAND...]
#
# COMMAND (default: tools/quickstart tools/check) are run in the clone, in turn.
# --keep leaves the root behind and says where.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
mirror=http://deb.debian.org/debian

say() { echo "clean-root: $*"; }
stop() { echo "clean-root: error: $*" >&2; exit 1; }

keep=no
if [ "${1:-}" = --keep ]; then
  keep=yes
  shift
fi
[ $# -gt 0 ] || set -- tools/quickstart tools/check
[ "$(id -u)" = 0 ] || stop "making a root file system needs root"
command -v debootstrap >/dev/null ||
  stop "no debootstrap found: apt-get install debootstrap"
[ -z "$(git -C "$root" status --porcelain)" ] ||
  say "the tree has uncommitted changes, which are left out"

target=$(mktemp -d /var/tmp/heed-root.XXXXXX)
chmod 755 "$target"
clean_up() {
  umount "$target/proc" 2>/dev/null || true
  if [ $keep = yes ]; then
    say "left behind: $target"
  else
    rm -rf --one-file-system "$target"
  fi
}
trap clean_up EXIT

inside() {
  chroot "$target" env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

SECONDS=0
debootstrap --variant=minbase bookworm "$target" "$mirror" >"$target.log" 2>&1 ||
  { tail -20 "$target.log"; rm -f "$target.log"; stop "debootstrap failed"; }
rm -f "$target.log"
mount -t proc proc "$target/proc"
git clone --quiet --no-hardlinks "$root" "$target/root/heed"
say "root and clone of $(git -C "$root" log -1 --format='%h %s') ready" \
  "after $SECONDS s"

times=""
for command in "$@"; do
  say "running $command"
  SECONDS=0
  status=0
  inside sh -c "cd /root/heed && ./$command" || status=$?
  times+="clean-root: $command: exit $status after $SECONDS s"$'\n'
  [ $status = 0 ] || break
done
printf '%s' "$times"
exit $status
