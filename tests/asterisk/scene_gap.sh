# The line between the two is cut, and dead for a minute.
# shellcheck shell=sh disable=SC2154

relay_start() {
	mkfifo "$D/relay.in" && "$tool" relay "$ami_port" <"$D/relay.in" >"$D/relay.out" \
		2>"$D/relay.log" &
	started="$! $started"
	await 5 test -p "$D/relay.in" && exec 4>"$D/relay.in" &&
		await 5 test -s "$D/relay.out" && relay_port=$(head -n 1 "$D/relay.out")
}
relay() { # relay pass|cut|hole
	echo "$1" >&4 && await 5 eval "[ \"\$(tail -n 1 '$D/relay.out')\" = $1 ]"
}
secret_log_said() { ! grep -q "$secret" "$D/ringbackd.log"; }

check 'something stands between' relay_start
check 'the daemon links up through it' site_as ringback "$relay_port"
check 'a caller gives up' call caller 500 +4930118001 1200
check 'and waits' missed +4930118001
relay cut
check 'the line is cut' await 10 source_is DOWN
check 'a caller gives up meanwhile' call caller 500 +4930118002 1200
relay pass
check 'the line is back' await 45 source_is up
check 'he waits' missed +4930118002 20

began=$(date +%s)
relay hole
check 'the line is dead; a caller gives up meanwhile' call caller 500 +4930118003 1200
queue_add PJSIP/1001 sales
check 'one is answered' call caller 500 +4930118004 2500
check 'one who waited rings again and is answered' call caller 500 +4930118002 3000
queue_remove PJSIP/1001 sales
check 'that is noticed' await 70 source_is DOWN
while [ $(($(date +%s) - began)) -lt "${GAP_SECONDS:-60}" ]; do sleep 1; done
relay pass
check 'after a minute the line is back' await 45 source_is up
check 'who gave up waits' missed +4930118003 20
check 'who was answered does not' not_missed +4930118004
check 'who rang again has disappeared' await 10 waits_not +4930118002
check 'nobody is told twice' count_is +49301180 2
exec 4>&-
check 'the password is nowhere in the log' secret_log_said
check 'the daemon links up without it' site_as ringback
