#!/bin/sh
# Builds every tests/fuzz/fuzz_*.c with libFuzzer, ASan and UBSan, and runs each for so many seconds (default 20), two at a
# time. A finding is kept in build/fuzz/crash-…; mend it and put the input into the corpus.
set -u
cd "$(dirname "$0")/../.."
seconds=${1:-20}
mkdir -p build/fuzz
[ "${FUZZ_ONE:-}" ] || make --no-print-directory -j2 B=build/fuzz CC=clang CFLAGS="-g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -Wno-error" \
	build/fuzz/libhuiyin.a >build/fuzz/build.log 2>&1 || { tail -30 build/fuzz/build.log; exit 1; }
libs=$(pkg-config --libs libwebsockets libcurl sqlite3 libpcre2-8 libfyaml jansson expat libcrypto libsodium libutf8proc libqrencode libpng)
cflags=$(pkg-config --cflags libwebsockets libcurl sqlite3 libpcre2-8 libfyaml jansson expat libcrypto libsodium libutf8proc libqrencode libpng)
one() {
	name=$1 seconds=$2
	dir=build/fuzz/corpus/$name
	mkdir -p "$dir" "tests/fuzz/corpus/$name"
	# shellcheck disable=SC2086
	clang -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Iinclude -Igateway \
		-Ihandlers -Ibuild/fuzz/gen $cflags "tests/fuzz/fuzz_$name.c" -o "build/fuzz/fuzz_$name" build/fuzz/libhuiyin.a $libs -lm -lpthread \
		2>"build/fuzz/$name.build" || { cat "build/fuzz/$name.build"; echo "FAIL fuzz_$name does not build"; return 1; }
	dict=""
	[ -e "tests/fuzz/dict/$name.dict" ] && dict="-dict=tests/fuzz/dict/$name.dict"
	if "build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 $dict \
		-artifact_prefix="build/fuzz/$name-" "$dir" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1; then
		echo "ok   fuzz_$name $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log") runs"
	else
		tail -40 "build/fuzz/$name.log"
		echo "FAIL fuzz_$name"
	fi
}
all=$(ls tests/fuzz/fuzz_*.c | sed 's/.*fuzz_\(.*\)\.c/\1/')
[ $# -gt 1 ] && { shift; all=$*; }
[ "${FUZZ_ONE:-}" ] && { one "$FUZZ_ONE" "$seconds"; exit 0; }
echo "$all" | tr ' ' '\n' | FUZZ_SECONDS=$seconds xargs -P 2 -I {} env FUZZ_ONE={} sh "$0" "$seconds" | tee build/fuzz/summary
n=$(grep -c '^ok ' build/fuzz/summary)
f=$(grep -c '^FAIL' build/fuzz/summary)
echo "$n passed, $f failed"
[ "$f" = 0 ]
