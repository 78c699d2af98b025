# Calling back: the agent's phone first, then the customer's.
# shellcheck shell=sh disable=SC2154

# The last digit of the number says what happens there, see extensions.conf.
# tried PHONE NUMBER RESULT [OUTCOME]: calls the held customer and waits for
# the end.
tried() {
	push "{\"type\": \"call.missed\", \"id\": \"x$2$1\", \"from\": \"$2\",
		\"source\": \"pbx\", \"queue\": \"sales\"}" && await 5 waits "$2" &&
		hold "$2" || return 1
	api PUT "/v1/agents/$(id -un)/phone" "{\"phone\": \"$1\"}"
	answer=$(api POST "/v1/items/$item/call" '{}')
	echo "$answer"
	uuid=$(member "$answer" call)
	[ -n "$uuid" ] || return 1
	call_state=$(member "$answer" state)
	states=$call_state
	[ -z "${5:-}" ] || (sleep "$5" && api POST "/v1/calls/$uuid/hangup" '{}') &
	while [ "$call_state" != ended ]; do
		answer=$(api GET "/v1/calls/$uuid?after=$call_state&wait_s=10")
		before=$call_state
		call_state=$(member "$answer" state)
		[ "$call_state" != "$before" ] && [ -n "$call_state" ] || return 1
		states="$states $call_state"
	done
	echo "$states: $answer"
	rb 'done' >/dev/null || rb release >/dev/null
	[ "$(member "$answer" result)" = "$3" ] &&
		[ "$(member "$answer" outcome)" = "${4:-}" ]
}

check 'answered by both, and talked until the agent hung up' \
	tried 1005 +4930115011 talked 'done'
check 'through agent, customer, talking, ended' \
	grep -q 'agent customer talking ended' "$D/check.out"
check 'the customer is busy' tried 1001 +4930115022 busy busy
check 'the customer does not answer' tried 1001 +4930115033 no-answer no-answer
check 'there is no such number' tried 1001 +4930115044 bad-number bad-number
check 'a voicemail answers: talked, and recorded by nobody' \
	tried 1001 +4930115055 talked 'done'
check 'the network refuses' tried 1001 +4930115066 refused
check 'the agent does not pick up' tried 1002 +4930115071 agent-no-answer
check 'the agent is busy' tried 1003 +4930115081 agent-busy
check 'the agent has no phone there' tried 1004 +4930115091 agent-away
check 'the agent hangs up before anybody answers' tried 1005 +4930115103 given-up
check 'hung up by the command while it rings' tried 1001 +4930115113 given-up '' 3
check 'nothing of it is left in Asterisk' await 10 no_calls
check 'and nothing of it became a missed call' decided
