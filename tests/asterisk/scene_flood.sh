# Five thousand events a second for a minute, all of them of queues.
# shellcheck shell=sh disable=SC2154

flood_s=${FLOOD_SECONDS:-60}
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$daemon_pid/status"; }
flood_begin() {
	for q in $(seq 20); do
		queue_add PJSIP/1001 "q$q" || return 1
	done
	"$tool" listen "$ami_port" "$secret" "$((flood_s + 3))" >"$D/heard" &
	listen_pid=$!
	"$tool" flood "$ami_port" "$secret" PJSIP/1001 250 "$flood_s" >"$D/flooded" &
	flood_pid=$!
	started="$flood_pid $listen_pid $started"
}
flood_end() {
	await $((flood_s + 30)) gone "$flood_pid" && ended "$flood_pid" || return 1
	await 10 gone "$listen_pid" && ended "$listen_pid" || return 1
	echo "# the flood: $(cat "$D/flooded"), $(cat "$D/heard") events" \
		"($(($(cat "$D/heard") / flood_s)) a second)" >&3
	[ "$(cat "$D/heard")" -ge $((flood_s * 4500)) ]
}
# Asterisk, too, wants its part of the processor: half of the answers may take
# 5 ms longer.
as_quick() {
	read -r b50 b99 bn <"$D/before"
	read -r d50 d99 dn <"$D/during"
	echo "# GET /v1/queues before: p50 $b50 ms, p99 $b99 ms ($bn)" >&3
	echo "# GET /v1/queues during: p50 $d50 ms, p99 $d99 ms ($dn)" >&3
	awk -v b="$b50" -v d="$d50" 'BEGIN { exit !(d < b + 5) }'
}
down_lines() { grep -c 'down source=pbx' "$D/ringbackd.log"; }
never_down() { [ "$(down_lines)" = "$downs" ]; }
flat() {
	rss_after=$(rss)
	echo "# memory: $rss_before KiB before, $rss_during during, $rss_after after" >&3
	# Sanitizers keep what is freed.
	[ "${build##*/}" = asan ] || [ "$rss_after" -lt $((rss_before + 8192)) ]
}

"$tool" latency "$RINGBACK_SOCKET" 5 >"$D/before"
rss_before=$(rss)
downs=$(down_lines)
check 'the flood begins' flood_begin
"$tool" latency "$RINGBACK_SOCKET" "$((flood_s - 5))" >"$D/during" &
latency_pid=$!
started="$latency_pid $started"
check 'in it, a caller a second gives up' \
	calls_spread $((flood_s - 10)) 500 +4930444000
rss_during=$(rss)
check 'the flood ends, 5,000 a second' flood_end
await 20 gone "$latency_pid" && ended "$latency_pid"
check 'every caller waits' await 10 count_is +4930444000 $((flood_s - 10))
check 'the API was as quick' as_quick
check 'the memory is flat' flat
check 'the link held' source_is up
check 'it was never down' never_down
for q in $(seq 20); do queue_remove PJSIP/1001 "q$q"; done
