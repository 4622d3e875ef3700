#!/bin/sh
# Installs what is missing from packages.txt: `setup.sh run` what building and running need, `setup.sh test` all of it.
# Says what it is about to do first. As root, or through sudo.
set -eu
what=${1:-run}
here=$(dirname "$0")
missing=""
section=run
have() { dpkg-query -W -f='${db:Status-Status} ${Version}' "$1" 2>/dev/null; }
while read -r word rest; do
	case $word in
	''|'#'*) continue ;;
	'['*) section=test; continue ;;
	esac
	[ "$section" = test ] && [ "$what" != test ] && continue
	name=${word%%>=*}
	least=${word#"$name"}
	state=$(have "$name") || state=
	case $state in
	installed*)
		[ -z "$least" ] && continue
		# Later releases carry the fix under another version; only an older build of the same one is refused.
		dpkg --compare-versions "${state#installed }" ge "${least#>=}" && continue ;;
	esac
	missing="$missing $name"
done < "$here/packages.txt"
[ -z "$missing" ] && exit 0
echo "Huiyin needs these Debian packages, which are missing or too old:"
for p in $missing; do echo "  $p"; done
if [ "$(id -u)" = 0 ]; then
	as_root=""
elif command -v sudo >/dev/null 2>&1; then
	as_root="sudo"
else
	echo "Install them as root: apt-get install$missing" >&2
	exit 1
fi
echo "Installing them now: ${as_root:+$as_root }apt-get install$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y --no-install-recommends $missing
