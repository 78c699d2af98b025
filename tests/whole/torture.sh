#!/bin/sh
# A short torture with a fixed seed: kills, freezes, cuts, a full Redis, and
# nothing lost or twice.  The long ones are `make torture`.
set -u
build=${1:?usage: torture.sh BUILD}
out=$(mktemp "${TMPDIR:-/tmp}/ringback-torture.XXXXXX") || exit 1
trap 'rm -f "$out"' EXIT

if SECONDS=10 SEED=3 MODE=single "$build/torture" >"$out" 2>&1; then
	echo 'ok ten seconds of faults lose nothing and double nothing'
else
	echo 'not ok ten seconds of faults lose nothing and double nothing'
	cat "$out"
fi
