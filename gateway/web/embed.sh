#!/bin/sh
# Turns the pages' files into one C header: embed.sh FILE… > web_assets.h. Needs awk, od and sha256sum only.
set -eu
echo "/* Made by gateway/web/embed.sh. */"
n=0
for f in "$@"; do
	n=$((n + 1))
	printf 'static const unsigned char web_asset_%d[] = {' "$n"
	od -An -v -tu1 "$f" | awk '{ for (i = 1; i <= NF; i++) printf "%s,", $i; print "" }'
	echo '};'
done
echo 'static const struct asset web_assets[] = {'
n=0
for f in "$@"; do
	n=$((n + 1))
	case $f in
	*.html) type='text/html; charset=utf-8' ;;
	*.css) type='text/css; charset=utf-8' ;;
	*.js) type='text/javascript; charset=utf-8' ;;
	*.svg) type='image/svg+xml' ;;
	*.json) type='application/json' ;;
	*) type='application/octet-stream' ;;
	esac
	sum=$(sha256sum <"$f" | cut -c1-20)
	printf '\t{"%s", "%s", "\\"%s\\"", {(const char *)web_asset_%d, sizeof web_asset_%d}},\n' \
		"$(basename "$f")" "$type" "$sum" "$n" "$n"
done
echo '};'
