#!/bin/sh
# run.sh BUILD SECONDS [TARGET...]: libFuzzer over each target, or those named,
# with its corpus and dictionary.  Ends with a table.  What is new is kept in
# BUILD/found; what broke it in BUILD/broken, and the exit code is 1.
#
# A finding that is mended goes into tests/fuzz/corpus/TARGET by hand, named
# after what it was; `run.sh BUILD 0` adds to the corpora what BUILD/found
# reaches beyond them.
set -u
build=${1:?usage: run.sh BUILD SECONDS [TARGET...]}
seconds=${2:?usage: run.sh BUILD SECONDS [TARGET...]}
shift 2
here=tests/fuzz
export ASAN_OPTIONS="detect_odr_violation=0:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"
mkdir -p "$build/broken"
rows=$build/table
: >"$rows"
bad=0

targets() {
	grep -ho '^FUZZ([a-z_]*)' $here/daemon/*.c $here/client/*.c |
		sed 's/FUZZ(\(.*\))/\1/' | sort
}

program() { # program TARGET: where it is linked
	if grep -q "^FUZZ($1)" $here/client/*.c; then
		echo "$build/fuzz-client"
	else
		echo "$build/fuzz-daemon"
	fi
}

most() { # most TARGET: bytes of an input; a file or an answer is longer
	case $1 in
	conf | request | client_command | client_work) echo 8192 ;;
	head) echo 20000 ;;
	address | redis_url | phone | when | names | client_when) echo 400 ;;
	*) echo 4096 ;;
	esac
}

merge() {
	FUZZ_TARGET=$1 "$(program "$1")" -set_cover_merge=1 -use_counters=0 \
		-max_len="$(most "$1")" \
		"$here/corpus/$1" "$build/found/$1" >"$build/$1.log" 2>&1 ||
		{ tail -n 30 "$build/$1.log"; bad=1; }
}

# "#1234 DONE cov: 56 ft: 78 corp: 9/12b ... exec/s: 34 rss: 56Mb"
row() { # row TARGET EXIT-CODE
	awk -v target="$1" -v rc="$2" '
	/^#[0-9]+/ {
		runs = substr($1, 2)
		for (i = 1; i < NF; i++) {
			if ($i == "cov:") cov = $(i + 1)
			if ($i == "corp:") split($(i + 1), corp, "/")
		}
	}
	END {
		printf "%-16s %12d %8d %8d   %s\n", target, runs, cov, corp[1],
		    rc == 0 ? "0" : "BROKEN"
	}' "$build/$1.log" >>"$rows"
}

run() {
	dict=
	[ ! -f "$here/dict/$1" ] || dict=-dict=$here/dict/$1
	# shellcheck disable=SC2086
	FUZZ_TARGET=$1 nice -n 19 "$(program "$1")" $dict \
		-max_total_time="$seconds" -max_len="$(most "$1")" \
		-timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$build/broken/$1-" \
		"$build/found/$1" "$here/corpus/$1" >"$build/$1.log" 2>&1
	rc=$?
	row "$1" $rc
	[ $rc = 0 ] && return
	bad=1
	grep -v '^#' "$build/$1.log" | tail -n 60
}

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(targets)
for target in "$@"; do
	mkdir -p "$build/found/$target"
	if [ "$seconds" = 0 ]; then
		merge "$target"
	else
		echo "-- $target"
		run "$target"
	fi
done
[ "$seconds" = 0 ] ||
	printf '%-16s %12s %8s %8s   %s\n' target executions coverage inputs crashes
cat "$rows"
exit $bad
