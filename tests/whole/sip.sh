#!/bin/sh
# A real telephone call: Kamailio with the configuration that we hand out, a
# caller and a telephone (SIPp), the real daemon, and the command.
. tests/whole/lib.sh

scenarios=$here/tests/whole/sip
sip_port=$(free_port udp)
phone_port=$(free_port udp)
caller_port=$(free_port udp)

kamailio_start() {
	cp conf/kamailio/kamailio.cfg "$D/"
	cat >"$D/ringback-local.cfg" <<CFG
#!define SIP_LISTEN     udp:127.0.0.1:$sip_port
#!define SIP_TARGET     "sip:127.0.0.1:$phone_port"
#!define RING_MS        10000
#!define RINGBACK_URL   "http://127.0.0.1:$http_port/v1/events"
#!define RINGBACK_TOKEN "$token"
CFG
	chmod 600 "$D/ringback-local.cfg"
	mkdir "$D/kamailio"
	modules=$(dirname "$(find /usr/lib -name mqueue.so -path '*kamailio*' |
		head -n 1)")
	echo "#!define MODULES \"$modules/\"" >>"$D/ringback-local.cfg"
	PATH=$PATH:/usr/sbin kamailio -DD -E -m 32 -M 4 -f "$D/kamailio.cfg" \
		-w "$D/kamailio" -Y "$D/kamailio" >>"$D/kamailio.log" 2>&1 &
	started="$! $started"
	await 10 bound "$sip_port"
}

bound() { # somebody listens at this UDP port
	awk '{ print $2 " " }' /proc/net/udp | grep -q "$(printf ':%04X ' "$1")"
}

# call PHONE CALLER NUMBER [NAME]: one call, from the first ring to the end.
call() {
	phone_pid=
	if [ -n "$1" ]; then
		(cd "$D" && exec sipp -sf "$scenarios/$1.xml" -i 127.0.0.1 \
			-p "$phone_port" -m 1 -nostdin -timeout 20s) \
			>"$D/$1.log" 2>&1 &
		phone_pid=$!
		started="$phone_pid $started"
		await 5 bound "$phone_port" || return 1
	fi
	rc=0
	(cd "$D" && exec sipp "127.0.0.1:$sip_port" -sf "$scenarios/$2.xml" \
		-i 127.0.0.1 -p "$caller_port" -m 1 -nostdin -timeout 20s \
		-key caller "$3" -key display "${4:-\"\"}" -key dialled 03012340) \
		>"$D/$2.log" 2>&1 || rc=1
	if [ -n "$phone_pid" ]; then
		await 5 gone "$phone_pid" && ended "$phone_pid" || rc=1
	fi
	rm -f "$D/$1.log" "$D/$2.log"
	return "$rc"
}

next_is() { rb next | tee "$D/card" | grep -q "$1"; }
waits() { rb list --json | grep -q "$1"; }
nobody_waits() { rb list --json | grep -Eq '"total": *0'; }
on_card() { grep -q "$1" "$D/card"; }

redis_start && daemon_start || give_up 'redis-server and ringbackd start'
rb agents add sales "$(id -un)" >"$D/setup.log" 2>&1 || give_up 'an agent is added'
token=$(rb tokens create kamailio --role push --json |
	sed -n 's/.*"token": *"\([^"]*\)".*/\1/p')
[ -n "$token" ] || give_up 'a token is made'
kamailio_start || give_up 'Kamailio starts'

check 'a caller hangs up after two seconds of ringing' \
	call phone_rings caller_gives_up +4930901820 '"M. \"Mia\" Schröder"'
check 'next shows who rang' patiently 5 next_is '030 901820'
check 'with the name that the telephone showed' on_card 'M. "Mia" Schröder'
check 'done closes it' rb 'done'
check 'then nobody waits' nobody_waits

check 'a caller finds the line busy' call phone_busy caller_refused 030901821
check 'and waits to be called back' await 5 waits 4930901821
check 'the same caller rings again and gets through' \
	call phone_answers caller_talks 030901821
check 'that closes what was open' await 5 nobody_waits

check 'the daemon stops' daemon_stop
check 'a caller with a name in broken UTF-8 finds nobody' \
	call phone_busy caller_refused 030901822 "$(printf '"bad \377 name"')"
check 'Kamailio keeps the call' await 5 grep -q 'not delivered' "$D/kamailio.log"
check 'the daemon comes back' daemon_start
check 'and is told of the call' await 10 waits 4930901822
finish
