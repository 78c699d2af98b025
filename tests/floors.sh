#!/bin/sh
# floors.sh: the rules of the house that a machine can check.  One line for each
# breach, and exit code 1 if there is any.  Run at the root of the sources.
set -eu
export LC_ALL=C

# The code without comments and the insides of strings, so that no word in a
# sentence is taken for a call; `//` outside of both is reported at once.
bare='
function say(text) { print FILENAME ":" FNR ": " text; bad = 1 }
function floor_of(path) {
	if (path ~ /^daemon\/base\//) return 0
	if (path ~ /^daemon\/policy\//) return 1
	if (path ~ /^daemon\/store\//) return 2
	if (path ~ /^daemon\/(sources|alerts)\//) return 3
	if (path ~ /^daemon\/api\//) return 4
	if (path ~ /^daemon\//) return 5
	return -1
}
function folder_of(path) { sub(/\/[^\/]*$/, "", path); return path }
function stem_of(path) { sub(/\.[a-z]+$/, "", path); return path }
# An array of characters would be slower: jump from mark to mark.
function strip(line,    out, c) {
	out = ""
	while (line != "") {
		if (in_comment) {
			c = index(line, "*/")
			if (c == 0) return out
			in_comment = 0; line = substr(line, c + 2); continue
		}
		if (!match(line, /\/\*|\/\/|"|\047/)) return out line
		out = out substr(line, 1, RSTART - 1)
		c = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (c == "/*") { in_comment = 1; continue }
		if (c == "//") {
			if (FILENAME !~ /\.cc$/) say("a // comment; write /* */")
			return out
		}
		out = out c c
		if (c == "\"") match(line, /^([^"\\]|\\.)*"/)
		else match(line, /^([^\047\\]|\\.)*\047/)
		line = RSTART ? substr(line, RLENGTH + 1) : ""
	}
	return out
}
function called(code, name) {
	return code ~ ("(^|[^A-Za-z0-9_.>])" name "[ \t]*\\(")
}
function ours(path, target) {
	mine = floor_of(path); theirs = floor_of(target)
	if (path ~ /^client\// && target !~ /^client\//)
		say("the client includes " target ", which is not its own")
	if (path !~ /^tests\// && target ~ /^tests\//)
		say("includes " target ": the programs know nothing of their tests")
	if (mine < 0) return
	if (target ~ /^client\//)
		say("the daemon includes " target ", which is the client\047s")
	if (theirs > mine || (theirs == mine && mine < 5 &&
	    folder_of(path) != folder_of(target)))
		say("includes " target ", which is no lower floor")
}
function system_header(path, header) {
	if (path !~ /^daemon\//) return
	if (header ~ /^hiredis\// && path !~ /^daemon\/store\//)
		say("<" header "> belongs to daemon/store")
	if (header ~ /^(event2\/http|evhttp)/ && path !~ /^daemon\/api\/(http|req)/)
		say("<" header "> belongs to daemon/api/http and req")
	if (header ~ /^jansson/ && path !~ /^daemon\/(api|sources|policy|alerts)\//)
		say("<" header "> belongs to daemon/api, sources, policy and alerts")
}
BEGIN {
	n = split("strcpy strcat strncpy sprintf vsprintf strtok atoi atol gets " \
	    "localtime gmtime signal system", banned, " ")
}
FNR == 1 { in_comment = 0; first = "" }
FNR == 601 { say("more than 600 lines: is it one job?") }
FILENAME ~ /\.lua$/ { next }
{
	if (!in_comment && match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]+/)) {
		target = substr($0, RSTART, RLENGTH)
		quoted = target ~ /"/
		sub(/^[^"<]*["<]/, "", target)
		if (first == "") {
			first = target
			own = stem_of(FILENAME) ".h"
			if (FILENAME ~ /\.cc?$/ && (getline gone < own) >= 0) {
				close(own)
				if (target != own) say("includes its own header not first")
			}
		}
		if (quoted) ours(FILENAME, target)
		else system_header(FILENAME, target)
		next
	}
	code = strip($0)
	for (i = 1; i <= n; i++)
		if (called(code, banned[i])) say(banned[i] "() is banned")
	if (called(code, "time") && FILENAME !~ /^daemon\/base\/clock\.c$/)
		say("time() belongs to daemon/base/clock.c")
}
END { exit bad }
'

files=$(find daemon client tests -name '*.c' -o -name '*.cc' -o -name '*.h' \
	-o -name '*.lua' -o -name '*.def' | sort)
[ -n "$files" ] || exit 0
bad=0
# shellcheck disable=SC2086
awk "$bare" $files || bad=1

# Headers stand alone and in an order: none may need itself, by any way round.
headers=$(echo "$files" | grep '\.h$')
# shellcheck disable=SC2086
circle=$(grep -H '^#include "' $headers /dev/null |
	sed -n 's/^\([^:]*\):#include "\([^"]*\.h\)".*/\1 \2/p' |
	tsort 2>&1 >/dev/null) || true
if [ -n "$circle" ]; then
	echo 'These headers include each other in a circle:'
	echo "$circle" | sed 's/^tsort: /  /'
	bad=1
fi
exit $bad
