#!/bin/sh
# The unit files, and a day of the daemon inside the sandbox that its unit
# promises: only the system calls of its list, no capabilities, nothing written
# but below one folder; with a reload, a program of an alert, and the end.
. tests/whole/lib.sh
limit=15 # tenths of systemd's exposure: 1.5

# The units as they are installed, with programs that are there.
stage() {
	mkdir -p "$D/units" || return 1
	for unit in systemd/*.service; do
		sed -e "s,/usr/sbin/ringbackd,$build/ringbackd," \
			-e '/^Documentation=/d' "$unit" \
			>"$D/units/${unit##*/}" || return 1
	done
}
well_formed() {
	said=$(systemd-analyze verify --man=no "$D/units/$1" 2>&1)
	rc=$?
	[ -z "$said" ] || echo "$said"
	[ $rc = 0 ] && [ -z "$said" ]
}
tight() {
	systemd-analyze security --offline=yes --no-pager --threshold=$limit \
		"$D/units/$1"
}
# room FILE: for the connections of all listeners, at the default, and a reserve
room() {
	each=$(sed -n 's/.*"max_connections".*"\([0-9]*\)".*/\1/p' \
		daemon/policy/options.c)
	has=$(sed -n 's/^LimitNOFILE=//p' systemd/ringbackd.service)
	echo "$each connections, $has files"
	[ "$has" -ge $((3 * each + 64)) ]
}

conf() { # an alert as soon as something waits, and one that must be refused
	daemon_conf | sed -e 's/callback = "[0-9a-z]*"/callback = "1s"/' \
		-e "s,^journal .*,journal = \"$D/state/journal\","
	cat <<CONF
alert "duty" {
    on  = { "broken" }
    run = "$D/state/alert"
}
CONF
}
program() {
	mkdir "$D/state" && cat >"$D/state/alert" <<END
#!/bin/sh
cat >"$D/state/told"
touch "$D/elsewhere" 2>/dev/null && touch "$D/state/wrote-elsewhere"
echo done >"$D/state/done"
END
	chmod 755 "$D/state/alert"
}
sealed() { # no rights, two filters, no new privileges
	grep -q '^CapBnd:[[:space:]]*0*$' "/proc/$daemon_pid/status" &&
		grep -q '^NoNewPrivs:[[:space:]]*1$' "/proc/$daemon_pid/status" &&
		grep -q '^Seccomp:[[:space:]]*2$' "/proc/$daemon_pid/status"
}
takes() { # takes ID
	push "{\"type\":\"call.missed\",\"id\":\"$1\",\"from\":\"+4930231250$1\"}"
}
handed_out() { rb next | grep -q 23125; }
outcome() { rb "done" no-answer; }
waits() { rb list --all | grep -q "23125 *0*$1"; }
told() { [ -s "$D/state/done" ] && grep -q broken "$D/state/told"; }
reloaded() {
	kill -HUP "$daemon_pid" && await 10 grep -q 'policy.*reloaded' "$D/ringbackd.log"
}

# What the daemon asks of the kernel, from start to end: all of it is allowed.
traced() {
	printf '#!/bin/sh\nexec strace -f -qq -o "%s/trace" -- "$@"\n' "$D" \
		>"$D/strace" && chmod 755 "$D/strace" || return 1
	RINGBACK_LAUNCHER=$D/strace
	daemon_start && takes 8 && handed_out && outcome &&
		kill "$(ps -o pid= --ppid "$daemon_pid" | tr -d ' ')" &&
		await 15 gone "$daemon_pid"
}
within_list() {
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$D/trace" | sort -u \
		>"$D/seen"
	[ "$(wc -l <"$D/seen")" -gt 30 ] || return 1
	grep -vxF -f "$D/calls" "$D/seen" >"$D/beyond"
	cat "$D/beyond"
	[ ! -s "$D/beyond" ]
}

stage || give_up 'the units can be staged'
for unit in ringbackd.service ringback-redis.service; do
	check "$unit is well-formed" well_formed $unit
	check "$unit is exposed by at most 1.5" tight $unit
done
check 'the unit has files for all connections' room

case $build in */plain) ;; *) finish ;; esac # sanitizers need more calls

sh tests/sandbox/calls.sh systemd/ringbackd.service >"$D/calls" 2>/dev/null &&
	program || give_up 'the sandbox can be set up'
# The socket and the log are where the unit lets them be.
RINGBACK_SOCKET=$D/state/ringback.sock
RINGBACK_LAUNCHER=$build/sandbox
RINGBACK_SANDBOX=$D/calls
RINGBACK_SANDBOX_WRITE=$D/state
export RINGBACK_SOCKET RINGBACK_LAUNCHER RINGBACK_SANDBOX RINGBACK_SANDBOX_WRITE
conf >"$D/ringback.conf"
redis_start || give_up
check 'the daemon starts in its sandbox' daemon_start
check 'it has no rights there' sealed
check 'an event is taken in' takes 1
check 'the program of an alert is run' await 15 told
check 'it can write nowhere else' test ! -e "$D/state/wrote-elsewhere"
check 'an agent serves a queue' rb agents add sales "$(id -un)"
check 'a customer is handed out' handed_out
check 'an outcome is kept' outcome
check 'a reload is accepted' reloaded
check 'Redis goes' redis_stop -KILL
check 'an event is kept on the disk meanwhile' takes 2
check 'it is in the journal' grep -rq call.missed "$D/state/journal"
check 'Redis comes back' redis_start
check 'the event gets there' await 15 waits 2
check 'it ends as asked' daemon_stop
check 'the daemon can be watched' traced
check 'all that it asks of the kernel is in the list' within_list
finish
