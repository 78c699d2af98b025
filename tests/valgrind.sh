#!/bin/sh
# valgrind.sh BUILD: the fuzz targets over their corpora, the suites whose code
# runs in the test itself, and real daemons under valgrind's memcheck.  Any
# finding is one, but for what the test library itself loses (valgrind.supp).
#
# Left out, because valgrind is 20 times slower or not the system: calendars,
# phones and clocks day by day (the corpora have the same parsers), the suites
# that only ask Redis, batches that outlast the daemon's patience, and one test
# of a program that is gone (valgrind makes vfork a fork, so posix_spawn does not
# hear of it).  What libphonenumber keeps until the end is no leak.
set -u
build=${1:?usage: valgrind.sh BUILD}
export LC_ALL=C.UTF-8
work=$(mktemp -d "${TMPDIR:-/tmp}/ringback-valgrind.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
bad=0

cat >"$work/run" <<END
#!/bin/sh
exec valgrind -q --error-exitcode=99 --leak-check=full \\
	--show-leak-kinds=definite --errors-for-leak-kinds=definite \\
	--suppressions="$PWD/tests/valgrind.supp" \\
	--trace-children=yes --trace-children-skip='/bin/*,/usr/bin/*,*.sh,/tmp/*' \\
	--log-file="$work/log.%p" -- "\$@"
END
chmod 755 "$work/run"

# said: what valgrind wrote, and forgets it; true where that is nothing
said() {
	cat "$work"/log.* >"$work/all" 2>/dev/null
	rm -f "$work"/log.*
	[ ! -s "$work/all" ]
}

step() { # step NAME COMMAND...
	echo "-- $1"
	shift
	"$@" >"$work/out" 2>&1
	rc=$?
	if said && [ $rc = 0 ]; then
		grep -e 'Synthesis' -e '^ok' "$work/out" | tail -n 1
		return
	fi
	bad=1
	grep -v -e 'Warning!' -e '^ok' "$work/out" | sed 's/^/    | /'
	head -n 200 "$work/all"
}

suite() { # suite NAME FILTER: in the process of the test
	step "$1 $2" "$work/run" "$build/test-$1" --jobs 2 --timeout 300 \
		--filter "$2"
}
daemons() { # daemons NAME FILTER: the test's daemons
	step "$1 $2" env RINGBACK_LAUNCHER="$work/run" "$build/test-$1" \
		--jobs 2 --timeout 300 --filter "$2"
}

step 'the corpora, daemon' "$work/run" "$build/fuzz-daemon" tests/fuzz/corpus
step 'the corpora, client' "$work/run" "$build/fuzz-client" tests/fuzz/corpus
suite unit '@(address|child|conf_read|head|journal*|origin|outcome|poison|policy*|record|target|unit_ami_session|unit_line)/*'
suite store '@(rds*|http)/*'
daemons api '@(bodies|directory|paths|privacy|roles|work)/*'
daemons api 'alarms/!(a_program_that_is_gone*)'
exit $bad
