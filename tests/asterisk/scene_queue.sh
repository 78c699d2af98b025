# What callers do in queues.
# shellcheck shell=sh disable=SC2154

# next_within MS: the card that a waiting next gets, and when, after the BYE.
next_waits() {
	(rb next -w >"$D/card" 2>&1; date +%s%3N >"$P/next.ms") &
	next_pid=$!
	started="$next_pid $started"
}
within_a_second() {
	await 10 gone "$next_pid" || return 1
	took=$(($(cat "$P/next.ms") - $(cat "$P/bye.ms")))
	echo "# from the BYE to the agent: $took ms" >&3
	grep -q "$1" "$D/card" && [ "$took" -lt 1000 ]
}
local_call() { # NUMBER FROM SECONDS
	cli "channel originate Local/$1*${2#+}@rig application Wait $3" &&
		await 20 no_calls
}
transferred() { # NUMBER TO
	channel=$(cli 'core show channels concise' |
		awk -F! -v who="$1" '$8 == who && $6 == "Queue" { print $1 }')
	cli "channel redirect $channel from-trunk,$2,1" && await 5 waiting_there "$1"
}
held_is_done() { rb 'done' >"$D/done"; }

while rb next >/dev/null; do rb 'done' >/dev/null; done
next_waits
check 'a caller hangs up in the queue' call caller 500 +4930111001 1500 '"Mia Schröder"'
check 'within a second he is handed out to an agent who waits' \
	within_a_second '030 111001'
check 'with his name' grep -q 'Mia Schröder' "$D/card"
check 'and the language in which the exchange speaks to him' grep -q German "$D/card"
held_is_done

check 'a caller leaves by time-out and reaches a person' call caller 510 +4930111002 5500
check 'he is no missed call' not_missed +4930111002
check 'one who leaves by time-out and is let go' call caller 511 +4930111003 6000
check 'is missed' missed +4930111003
check 'one who leaves by time-out for another queue and gives up there' \
	call caller 512 +4930111004 4000
check 'is missed in that queue' missed_in billing +4930111004
check 'one who leaves by time-out and rings a phone in vain' \
	call caller 514 +4930111005 4500
check 'is missed' missed +4930111005
check 'one who leaves by time-out and gives up while a machine speaks' \
	call caller 513 +4930111013 4500
check 'is missed' missed +4930111013
check 'one whom a queue without agents sends away' call caller 515 +4930111006 3000
check 'is missed' missed +4930111006

check 'a caller gives up' call caller 500 +4930111007 1200
check 'and waits' missed +4930111007
check 'an agent logs in to the queue' queue_add PJSIP/1001 sales
check 'the caller rings again and is answered' call caller 500 +4930111007 3000
check 'he disappears' await 5 waits_not +4930111007
check 'the agent logs out' queue_remove PJSIP/1001 sales

check 'an agent whose phone only rings' queue_add PJSIP/1002 sales
check 'a caller gives up while it rings' call caller 500 +4930111008 2000
check 'and waits' missed +4930111008
check 'two telephones ring' queue_add PJSIP/1001 sales
check 'one of them is answered' call caller 500 +4930111012 3000
queue_remove PJSIP/1001 sales
queue_remove PJSIP/1002 sales
check 'the other one makes no missed call of it' not_missed +4930111012

queue_add PJSIP/1001 sales
check 'a caller talks with an agent' call_talks +4930111014 7000
queue_remove PJSIP/1001 sales
check 'who puts him into another queue' transferred +4930111014 501
check 'where he gives up' call_end
check 'and is missed' missed_in billing +4930111014

check 'an agent behind a Local channel' queue_add Local/1001@agents/n sales
check 'answers a caller' call caller 500 +4930111009 3000
queue_remove Local/1001@agents/n sales
check 'who is no missed call' not_missed +4930111009
check 'a caller through a Local channel gives up' local_call 500 +4930111010 1
check 'and waits' missed +4930111010
check 'one through a Local channel leaves by time-out and reaches a person' \
	local_call 510 +4930111011 5
check 'he is no missed call' not_missed +4930111011

check 'a hundred give up at once' calls 100 caller 500 +4930222000 3000
check 'a hundred wait' await 10 count_is +4930222000 100
check 'still a hundred when one more came' decided
check 'none was told twice' count_is +4930222000 100
