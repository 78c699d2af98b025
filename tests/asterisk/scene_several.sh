# Two daemons of one site hear the same Asterisk.
# shellcheck shell=sh disable=SC2034,SC2154

second_start() {
	sed -e "s,^socket .*,socket = \"$D/second.sock\"," \
		-e "s,^journal .*,journal = \"$D/second\"," \
		-e "s,^http .*,http = \"127.0.0.1:$(free_port tcp)\"," \
		"$D/ringback.conf" >"$D/second.conf"
	"$build/ringbackd" -f "$D/second.conf" >>"$D/second.log" 2>&1 &
	second_pid=$!
	started="$second_pid $started"
	await 10 second_up
}
second_up() { (RINGBACK_SOCKET=$D/second.sock && source_is up); }
killed_daemon() { daemon_stop -9 || true; }
second_stop() {
	kill "$second_pid" && await 15 gone "$second_pid" && ended "$second_pid"
}

check 'a second daemon links up' second_start
check 'ten callers give up' calls 10 caller 500 +4930333000 1500
check 'ten wait' await 10 count_is +4930333000 10
check 'and one after them' decided
check 'ten, not twenty' count_is +4930333000 10
check 'one daemon is killed' killed_daemon
RINGBACK_SOCKET=$D/second.sock
check 'a caller gives up' call caller 500 +4930119001 1200
check 'and waits, by the other' missed +4930119001
RINGBACK_SOCKET=$D/ringback.sock
check 'the first comes back' daemon_start
check 'the second ends' second_stop
check 'the link is up' await 10 source_is up
