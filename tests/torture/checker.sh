#!/bin/sh
# checker.sh BUILD MUTANT...: a checker that cannot fail is worth nothing.  Runs
# the torture on daemons whose library was spoilt on purpose (mutants/*.sed, a
# private copy of the daemon for each); every one of them must be found out.
set -u
build=${1:?usage: checker.sh BUILD MUTANT...}
shift
out=$(mktemp "${TMPDIR:-/tmp}/ringback-checker.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT
missed=0
for mutant in "$@"; do
	mode=single seed=7
	# A plan in which a replica takes over.
	[ "$mutant" != replay ] || mode=takeover seed=9
	rc=0
	RINGBACKD=$build/mutants/$mutant/ringbackd SECONDS=${SECONDS_EACH:-20} \
		SEED=$seed MODE=$mode "$build/torture" >"$out" 2>&1 || rc=$?
	if [ "$rc" = 1 ] && grep -q '^FAILED: [1-9]' "$out"; then
		echo "ok $mutant: found out ($(sed -n 's/^FAILED: \([0-9]* wrong\).*/\1/p' "$out"))"
		sed -n 's/^  ! /     /p' "$out" | head -n 2
	else
		echo "not ok $mutant: not found out (exit code $rc)"
		sed 's/^/    | /' "$out"
		missed=1
	fi
done
exit $missed
