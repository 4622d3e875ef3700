#!/bin/sh
# Proves from the include lines that the direction of design section 3 holds, that each outside library appears in one
# file, and that dangerous functions are not used.
set -u
bad=0
complain() { echo "layers: $1"; bad=1; }
# allowed ROOM "rooms it may include from (besides its own and huiyin/*.h)"
allowed() {
	for f in gateway/"$1"/*.[ch]; do
		[ -e "$f" ] || continue
		for inc in $(sed -n 's/^#include "\([a-z_]*\)\/[a-z_0-9]*\.\(h\|def\|inc\)".*/\1/p' "$f" | sort -u); do
			[ "$inc" = huiyin ] || [ "$inc" = "$1" ] && continue
			case " $2 " in *" $inc "*) ;; *) complain "$f includes from $inc/" ;; esac
		done
	done
}
allowed base ""
allowed flow "delivery"          # delivery/segment.h: the linter counts SMS parts (pure)
allowed process ""
allowed store ""
allowed engine "delivery"        # delivery/segment.h, schedule.h: pure
allowed delivery "engine"        # the queue
allowed server "engine"
for f in gateway/flow/*.[ch]; do
	grep -q '"delivery/\(delivery\|multi\|media\)' "$f" && complain "$f includes the courier"
done
for f in gateway/engine/*.[ch]; do
	grep '#include "delivery/' "$f" | grep -qv 'segment.h\|schedule.h' && complain "$f includes the courier"
done
for f in handlers/*.[ch]; do
	grep '#include "' "$f" | grep -qv '"huiyin/\|"[a-z_]*\.\(h\|def\)"' && complain "$f includes more than include/"
done
only() { # PATTERN FILE…
	p=$1; shift
	for f in $(grep -lE "#include <($p)" $(git ls-files -co --exclude-standard 'gateway/*.c' 'gateway/*.h' 'handlers/*.[ch]') 2>/dev/null); do
		case " $* " in *" $f "*) ;; *) complain "$f knows <$p>" ;; esac
	done
}
only 'libwebsockets.h' gateway/server/http.c
only 'curl/' gateway/delivery/delivery.c
only 'libpq-fe.h' gateway/store/pg_wire.c
only 'sqlite3.h' gateway/store/sql.c
only 'pcre2.h' gateway/flow/match.c
only 'libfyaml.h' gateway/base/yaml.c
only 'jansson.h' gateway/base/json.c
only 'expat.h' gateway/base/xml.c
only 'openssl/|sodium.h' gateway/base/secret.c
only 'utf8proc.h' gateway/flow/fold.c
only 'qrencode.h|png.h' gateway/commands_qr.c
for f in $(git ls-files -co --exclude-standard 'gateway/*.c' 'handlers/*.c'); do
	grep -nE '(^|[^_a-zA-Z])(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|system|popen|alloca)[[:space:]]*\(' "$f" /dev/null |
		grep -v '^[^:]*:[0-9]*: \*' && complain "$f uses a banned function"
done
[ $bad = 0 ] && echo "layers: ok"
exit $bad
