#!/bin/sh
# lint.sh BUILD: what can be said about the code without running it.  Goes
# through all of it, then fails if anything was found.  LINT_CPPFLAGS is what
# make compiles with.
set -u
build=${1:?usage: lint.sh BUILD}
bad=0

step() { # step NAME COMMAND...
	echo "-- $1"
	shift
	"$@" || bad=1
}

eval "set -- ${LINT_CPPFLAGS:--I. -I$build -D_GNU_SOURCE}"
code=$(find daemon client -name '*.c' | sort)

tidy() {
	# The flags are quoted for a shell; the file names have no blanks.
	printf '%s\n' $code | xargs -P 2 -I '{}' clang-tidy --quiet '{}' -- -std=c11 "$@" \
		2>"$build/tidy.err" >"$build/tidy.out"
	rc=$?
	grep 'warning:' "$build/tidy.out"
	[ $rc = 0 ] || { grep error: "$build/tidy.err"; return 1; }
	! grep -q 'warning:' "$build/tidy.out"
}

# It takes what is removed from a list of sys/queue.h for what is still on it;
# ASan sees the real ones.
analyze() {
	printf '%s\n' $code | xargs -P 2 -I '{}' gcc -std=c11 -O1 -fanalyzer \
		-Werror -Wno-analyzer-too-complex -Wno-analyzer-use-after-free \
		"$@" -c -o /dev/null '{}'
}

# Loops and lists of these headers are macros: without them cppcheck sees no
# code.  Where they are, the compiler knows.
macros() {
	for header in sys/queue.h jansson.h; do
		echo "#include <$header>" | gcc -E -x c - |
			sed -n "s,^# 1 \"\(.*/${header##*/}\)\".*,--include=\1,p" |
			head -n 1
	done
}

crosscheck() {
	# shellcheck disable=SC2046
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr \
		--error-exitcode=1 --suppress=missingIncludeSystem \
		--suppress=normalCheckLevelMaxBranches \
		--suppress=funcArgOrderDifferent --suppress=varFuncNullUB \
		$(macros) -D_GNU_SOURCE \
		-DRINGBACK_VERSION='""' -I. daemon client
}

lua() {
	found=$(find daemon/store/lua -name '*.lua' | sort)
	[ -n "$found" ] || return 0
	luac5.1 -p $found || return 1
	# The files are one text, in which each sees the tables of all.
	luacheck -q --no-color --std lua51 --no-max-line-length --no-unused-args \
		--read-globals redis cjson cmsgpack -- "$build/library.lua" >"$build/lua.out" ||
		{ cat "$build/lua.out"; return 1; }
	loads
}

# The library loads into a real Redis, which alone knows what it allows.
loads() {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/ringback-lint.XXXXXX") || return 1
	redis-server --port 0 --unixsocket "$dir/s" --dir "$dir" --save '' \
		--daemonize no --logfile "$dir/log" &
	pid=$!
	tries=0
	until redis-cli -s "$dir/s" ping >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || break
		sleep 0.05
	done
	answer=$(redis-cli -s "$dir/s" -x function load <"$build/library.lua")
	kill "$pid"
	wait "$pid"
	rm -rf "$dir"
	[ "$answer" = ringback1 ] || { echo "the library: $answer"; return 1; }
}

manuals() {
	for page in client/*.1 daemon/*.8 conf/*.[578]; do
		[ ! -f "$page" ] || mandoc -T lint -W warning "$page" || return 1
	done
}

scripts() {
	shellcheck -x -S warning -s sh tests/*.sh tests/*/*.sh conf/alert-mail &&
		shellcheck -S warning -s bash .ci/run
}

step floors sh tests/floors.sh
step shellcheck scripts
step manuals manuals
step lua lua
step cppcheck crosscheck
step clang-tidy tidy "$@"
step 'gcc -fanalyzer' analyze "$@"
exit $bad
