# Calling back: the agent's phone first, then the customer's.
# shellcheck shell=sh disable=SC2154

# The last digit of the number says what happens there, see extensions.conf.
# tried PHONE NUMBER RESULT [OUTCOME]: calls the held customer and waits for
# the end.
tried() {
	rb release >/dev/null 2>&1
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
	for turn in 1 2 3 4 5 6; do
		[ "$call_state" != ended ] || break
		answer=$(api GET "/v1/calls/$uuid?after=$call_state&wait_s=10")
		[ "$(member "$answer" state)" != "$call_state" ] || continue
		call_state=$(member "$answer" state)
		states="$states $call_state"
	done
	echo "$states, in $turn: $answer"
	echo "$states" >"$D/states"
	rb 'done' >/dev/null || rb release >/dev/null
	[ "$(member "$answer" result)" = "$3" ] &&
		[ "$(member "$answer" outcome)" = "${4:-}" ]
}

shows_our_number() {
	tr -d '\r' <"$D/answers.sip" | grep -A8 '^INVITE sip:+4930115011@' |
		tee /dev/stderr | grep '^From:' | grep -q 'sip:+493012340@'
}

check 'answered by both, and talked until the agent hung up' \
	tried 1005 +4930115011 talked 'done'
check 'through agent, customer, talking, ended' \
	grep -qx 'agent customer talking ended' "$D/states"
check "the customer's display shows the number of the queue" shows_our_number
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
