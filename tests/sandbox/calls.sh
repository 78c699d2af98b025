#!/bin/sh
# calls.sh UNIT: the system calls that the unit's SystemCallFilter= allows, one
# a line, as this system's systemd knows its groups.
set -eu
unit=${1:?usage: calls.sh UNIT}

# The groups first, then the unit, whose later lines win over earlier ones.
{
	systemd-analyze syscall-filter --no-pager
	sed -n 's/^SystemCallFilter=/=/p' "$unit"
} | awk '
function put(name, on,    list, n, i) {
	if (name !~ /^@/) { allowed[name] = on; return }
	n = split(members[name], list, " ")
	for (i = 1; i <= n; i++) put(list[i], on)
}
/^@/ { group = $1; next }
/^[ \t]+#/ || /^#/ || NF == 0 { next }
/^[ \t]/ { members[group] = members[group] " " $1; next }
/^=/ {
	if (!begun++) put("@default", 1) # what every allow list has besides
	on = $0 !~ /^=~/
	sub(/^=~?/, "")
	for (i = 1; i <= NF; i++) put($i, on)
}
END { for (name in allowed) if (allowed[name]) print name }
' | sort
