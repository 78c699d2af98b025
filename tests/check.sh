#!/bin/sh
# check.sh BUILD: runs every test there is and ends with one line,
# "N passed, N failed".  Quiet about what passes, loud about what does not.
#
#   BUILD/test-*        Criterion suites
#   tests/whole/*.sh    the real daemon; each prints "ok ..." and "not ok ..."
#   BUILD/fuzz-*        the fuzz targets over their corpora; prints the same
#   floors.sh, manuals  one test each
set -u
build=${1:?usage: check.sh BUILD}
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/ringback-check.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
passed=0
failed=0

# A finding of a sanitizer ends the program, so that no test can miss it.
export ASAN_OPTIONS="abort_on_error=1:${ASAN_OPTIONS:-}"
export UBSAN_OPTIONS="print_stacktrace=1:${UBSAN_OPTIONS:-}"

# The daemons of all tests run in the sandbox of their unit, but for those that
# need more than it allows to look for faults.
if [ -x "$build/sandbox" ]; then
	RINGBACK_SANDBOX=$work/calls
	sh tests/sandbox/calls.sh systemd/ringbackd.service \
		>"$RINGBACK_SANDBOX" 2>/dev/null
	RINGBACK_LAUNCHER=$PWD/$build/sandbox
	export RINGBACK_SANDBOX RINGBACK_LAUNCHER
fi

count() { # count NAME PASSED FAILED OUTPUT
	passed=$((passed + $2))
	failed=$((failed + $3))
	if [ "$3" = 0 ]; then
		printf '  %-22s %4d passed\n' "$1" "$2"
	else
		printf '  %-22s %4d passed, %d FAILED\n' "$1" "$2" "$3"
		sed 's/^/    | /' "$4"
	fi
}

# The suite's own synthesis is the count; a suite that died before it could
# write one is a failure, and so is one that disagrees with its exit code.
suite() {
	name=${1##*/}
	out=$work/$name
	rc=0
	timeout -k 10 "${CHECK_LIMIT:-600}" "$1" --jobs 2 --timeout 200 \
		>"$out" 2>&1 || rc=$?
	sums=$(sed -n 's/.*Synthesis: Tested: \([0-9]*\) | Passing: \([0-9]*\) .*/\1 \2/p' \
		"$out" | tail -n 1)
	case $sums in
	'' | '0 0')
		echo "no test ran to its end (exit code $rc)" >>"$out"
		count "$name" 0 1 "$out"
		return
		;;
	esac
	tested=${sums% *}
	good=${sums#* }
	bad=$((tested - good))
	if [ "$rc" != 0 ] && [ "$bad" = 0 ]; then
		echo "exit code $rc" >>"$out"
		bad=1
	fi
	# The library does not look at how a test's process ends after the test.
	if [ "$bad" = 0 ] && grep -q 'ERROR: LeakSanitizer' "$out"; then
		bad=1
	fi
	grep -v -e '\[----\] Warning! ' -e '\[SKIP\]' "$out" >"$out.short"
	count "$name" "$good" "$bad" "$out.short"
}

lines() { # lines NAME COMMAND...: "ok ..." and "not ok ..." are counted
	name=$1
	shift
	out=$work/${name##*/}
	rc=0
	timeout -k 20 "${CHECK_LIMIT:-300}" "$@" >"$out" 2>&1 || rc=$?
	good=$(grep -c '^ok ' "$out")
	bad=$(grep -c '^not ok ' "$out")
	if [ "$bad" = 0 ] && { [ "$rc" != 0 ] || [ "$good" = 0 ]; }; then
		echo "ended with exit code $rc after $good good results" >>"$out"
		bad=1
	fi
	count "$name" "$good" "$bad" "$out"
}

single() { # single NAME COMMAND...: one test, silent when it is good
	name=$1
	shift
	if "$@" >"$work/single" 2>&1 && [ ! -s "$work/single" ]; then
		count "$name" 1 0 "$work/single"
	else
		count "$name" 0 1 "$work/single"
	fi
}

for program in "$build"/test-*; do
	[ -x "$program" ] && [ -f "$program" ] && suite "$program"
done
for script in tests/whole/*.sh; do
	[ "${script##*/}" != lib.sh ] && [ -f "$script" ] &&
		lines "whole/$(basename "$script" .sh)" sh "$script" "$build"
done
for program in "$build"/fuzz-*; do
	[ -x "$program" ] && lines "${program##*/}" "$program" tests/fuzz/corpus
done
single floors sh tests/floors.sh
for page in client/*.1 daemon/*.8 conf/*.[578]; do
	[ -f "$page" ] && single "${page##*/}" mandoc -T lint -W warning "$page"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
