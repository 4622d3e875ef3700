#!/bin/sh
# Every test, after `make test` has built build/ (optimised) and build/asan/ (sanitized). Prints each group's own lines into
# build/test-logs/ and a line a group here; shows the log of what failed; ends with the plain count.
set -u
cd "$(dirname "$0")/.."
PY=/usr/bin/python3
LOGS=${TEST_LOGS:-build/test-logs}
rm -rf "$LOGS"
mkdir -p "$LOGS"
# Long groups that look at no clock run beside the others; they are counted when all else is done.
beside=""
if [ $# = 0 ]; then
	beside=" test_webchat talks test_store_vfs test_store_move test_store_pg_contract test_store_pg test_reads crash alloc e2e-twilio e2e-badinput e2e-cli e2e-browser e2e-kannel postgres-twilio postgres-chat postgres-kannel move "
	# shellcheck disable=SC2086
	TEST_LOGS=$LOGS/beside sh tests/run.sh $beside >"$LOGS.beside" 2>&1 &
fi
passed=0
failed=0
skipped=0
broken=""
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export PYTHONDONTWRITEBYTECODE=1
group() { # NAME SECONDS COMMAND…: counts by the closing line if there is one, else one test a group
	name=$1 limit=$2
	shift 2
	log=$LOGS/$name.log
	begun=$(date +%s)
	if timeout -k 5 "$limit" "$@" >"$log" 2>&1 </dev/null; then ok=1; else ok=0; fi
	took=$(($(date +%s) - begun))
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -1)
	cm=$(grep -cE '^\[       OK \]' "$log")
	cf=$(grep -cE '^\[  FAILED  \] [a-z_0-9]+$' "$log")
	if [ -n "$line" ]; then
		p=$(echo "$line" | cut -d' ' -f1)
		f=$(echo "$line" | cut -d' ' -f3)
		s=$(echo "$line" | sed -n 's/.*, \([0-9]*\) skipped.*/\1/p')
	elif [ "$cm" -gt 0 ] || [ "$cf" -gt 0 ]; then
		p=$cm f=$cf s=0
	else
		p=$ok f=$((1 - ok)) s=0
	fi
	[ $ok = 0 ] && [ "$f" = 0 ] && f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
	if [ $ok = 1 ] && [ "$f" = 0 ]; then
		printf 'ok    %-28s %4d passed  %3ds\n' "$name" "$p" "$took"
		[ "${s:-0}" = 0 ] || grep 'skipped: ' "$log" | sed 's/^/      /'
	else
		printf 'FAIL  %-28s %4d passed, %d failed  %3ds\n' "$name" "$p" "$f" "$took"
		tail -n 40 "$log" | sed 's/^/      /'
		broken="$broken $name"
	fi
}
if [ $# -gt 0 ]; then only=" $* "; else only=""; fi
want() { case $beside in *" $1 "*) return 1 ;; esac; [ -z "$only" ] || case $only in *" $1 "*) ;; *) return 1 ;; esac; }

want layers && group layers 60 sh tests/layers.sh
for t in build/asan/unit/test_*; do
	case $t in *.d) continue ;; esac
	n=$(basename "$t")
	want "$n" && group "$n" 400 "$t"
done
V=../shared/vectors
want vectors && [ -d $V ] && group vectors 60 build/asan/vectors $V/*.json
want vectors-own && group vectors-own 60 build/asan/vectors tests/vectors/*.json
want talks && group talks 120 build/asan/talks tests/talks/*.talk
for w in date phone number yes_no id_card place rating; do
	want "understand-$w" && group "understand-$w" 60 build/understanding $w tests/understanding/$w.tsv
done
for w in report.kind start words; do
	want "understand-$w" && group "understand-$w" 60 build/understand_flow $w tests/understanding/$w.tsv
done
for w in report.kind start; do
	want "later-$w" && group "later-$w" 60 build/understand_flow $w tests/understanding/$w.later.tsv
done
# Lines that others wrote without sight of the patterns: those the patterns learnt from since, and those they never did.
for f in tests/understanding/*.fresh.tsv tests/understanding/*.unseen.tsv; do
	n=$(basename "$f" .tsv) && w=${n%.*}
	case $w in words | start | report.kind) tool=understand_flow ;; *) tool=understanding ;; esac
	case $n in
	*.fresh) want "fresh-$w" && LEAST=980 MOST=15 MISSED=2 group "fresh-$w" 60 build/$tool "$w" "$f" ;;
	*) want "unseen-$w" && LEAST=940 MOST=60 MISSED=4 group "unseen-$w" 60 build/$tool "$w" "$f" ;;
	esac
done
want check && group check 120 build/huiyin check --quiet
export HUIYIN="$PWD/build/asan/huiyin"
for e in twilio chat badinput kannel; do
	want "e2e-$e" && group "e2e-$e" 240 $PY tests/e2e/$e.py
done
export HUIYIN="$PWD/build/huiyin"
want e2e-cli && group e2e-cli 240 $PY tests/e2e/cli.py
want e2e-browser && group e2e-browser 180 $PY tests/e2e/browser.py
want kill && group kill 240 $PY tests/e2e/kill.py 10
want crash && group crash 180 env HUIYIN="$PWD/build/crash/huiyin" $PY tests/e2e/crash_points.py 1
want alloc && group alloc 180 $PY tests/e2e/alloc.py 40
want slow && group slow 90 $PY tests/e2e/slow.py
want clock && group clock 90 $PY tests/e2e/clock.py
# The same again on a private PostgreSQL.
for e in twilio chat kannel; do
	want "postgres-$e" && STORE=postgres group "postgres-$e" 240 $PY tests/e2e/$e.py
done
want reads && group reads 120 $PY tests/e2e/reads.py
want move && group move 200 $PY tests/e2e/move.py
want many && group many 240 $PY tests/e2e/many.py
want badstore && group badstore 240 $PY tests/e2e/badstore.py
want shared && group shared 120 $PY tests/e2e/shared.py
want cluster && group cluster 240 $PY tests/e2e/cluster.py 30
want fuzz && group fuzz 420 sh tests/fuzz/run.sh 8
want bench && group bench 180 $PY tests/bench/bench.py --short
want bench-grown && group bench-grown 60 $PY tests/bench/grown.py --short
if [ -n "$beside" ]; then
	wait
	sed '$d' "$LOGS.beside"
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$LOGS.beside" | tail -n 1)
	line=${line:-0 passed, 1 failed, 0 skipped}
	passed=$((passed + $(echo "$line" | cut -d' ' -f1)))
	failed=$((failed + $(echo "$line" | cut -d' ' -f3)))
	skipped=$((skipped + $(echo "$line" | cut -d' ' -f5)))
fi
[ $failed = 0 ] || echo "failed:$broken (logs in $LOGS)"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
