# lib.sh: for the tests of the whole.  A script says
#
#	. tests/whole/lib.sh		(takes the build folder from $1)
#	redis_start && daemon_start || give_up
#	check 'a caller is handed out' await 5 sh -c 'rb next | grep -q ...'
#	finish
#
# Every check prints "ok NAME" or "not ok NAME", which check.sh counts.  What
# is started here is ended here, by its process id, also after a failure.  All
# lives in one folder below /tmp, because the path of a socket is short.
# shellcheck shell=sh

set -u
export LC_ALL=C.UTF-8 TZ=UTC
build=${1:?usage: TEST.sh BUILD}
case $build in /*) ;; *) build=$PWD/$build ;; esac
here=$PWD
D=$(mktemp -d /tmp/rb.XXXXXX) || exit 1
chmod 755 "$D"
started=
bad_checks=0
RINGBACK_SOCKET=$D/ringback.sock
export RINGBACK_SOCKET NO_COLOR=1
unset RINGBACK_URL RINGBACK_TOKEN_FILE 2>/dev/null || true

cleanup() {
	for pid in $started; do
		kill "$pid" 2>/dev/null
	done
	for pid in $started; do
		patiently 5 gone "$pid" || kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	cd "$here" && rm -rf "$D"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# patiently SECONDS COMMAND...: until it succeeds; 1 if it never did.  The
# command may not be patient itself: there is one deadline.
patiently() {
	until_s=$(($(date +%s) + $1 + 1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$until_s" ] || return 1
		sleep 0.05
	done
}

# The same without what the command says in the meantime.
await() {
	seconds=$1
	shift
	patiently "$seconds" "$@" >/dev/null 2>&1
}

# A process that has ended and waits only for us counts as gone.
gone() {
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -z "$state" ] || [ "$state" = Z ]
}

# ended PID: its exit code; from here on the number may be somebody else's.
ended() {
	wait "$1"
	set -- $? " $1 "
	started=$(echo " $started " | sed "s/$2/ /")
	return "$1"
}

check() { # check NAME COMMAND...
	name=$1
	shift
	if "$@" >"$D/check.out" 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name"
		echo "  command: $*"
		sed 's/^/  /' "$D/check.out"
		bad_checks=$((bad_checks + 1))
		logs
	fi
}

logs() { # the last lines of every log, once a test has failed
	for log in "$D"/*.log; do
		[ -s "$log" ] || continue
		echo "  -- ${log##*/}"
		tail -n 15 "$log" | sed 's/^/  /'
	done
}

give_up() { # nothing to test with
	echo "not ok ${1:-the programs start}"
	logs
	exit 1
}

finish() {
	[ "$bad_checks" = 0 ]
	exit
}

# free_port tcp|udp: one that nobody has just now, on the loopback.
free_port() {
	while :; do
		port=$(awk -v s="$(od -An -N3 -tu4 /dev/urandom)" \
			'BEGIN { print 20000 + s % 12000 }')
		hex=$(printf ':%04X ' "$port")
		cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
			awk '{ print $2 " " }' | grep -q "$hex" || break
	done
	echo "$port"
}

# ---- the programs -----------------------------------------------------------

redis_start() { # its socket: $D/redis.sock.  Keeps what it has, as in service.
	redis-server --port 0 --unixsocket "$D/redis.sock" --dir "$D" \
		--save '' --appendonly yes --appendfsync always \
		--maxmemory-policy noeviction --daemonize no \
		>>"$D/redis.log" 2>&1 &
	redis_pid=$!
	started="$redis_pid $started"
	await 10 redis_answers
}

redis_answers() {
	timeout 2 redis-cli -s "$D/redis.sock" ping | grep -q PONG
}

redis_stop() {
	kill "${1:--TERM}" "$redis_pid"
	await 10 gone "$redis_pid" || return 1
	ended "$redis_pid" || true
}

# daemon_conf: the configuration on standard output: two queues, open round the
# clock, one source without filters.  Root is an administrator without it.
daemon_conf() {
	http_port=${http_port:-$(free_port tcp)}
	cat <<CONF
site      = "whole"
timezone  = "Europe/Berlin"
region    = "DE"
redis_url = "unix://$D/redis.sock"
journal = "$D/journal"
token_file = "$D/tokens"
socket    = "$RINGBACK_SOCKET"
http      = "127.0.0.1:$http_port"
agents      = { "$(id -gn)" }
supervisors = { "$(id -gn)" }
managers    = { "$(id -gn)" }
admins      = { "$(id -gn)" }
tier "platinum" { value = 20000 weight = 16 callback = "5m"  complaint = "1h" }
tier "gold"     { value = 3000  weight = 5  callback = "15m" complaint = "4h" }
tier "standard" { value = 0     weight = 1  callback = "1h"  complaint = "2d" }
unknown_caller = "gold"
hours "always" { open = { "mon-sun 00:00-24:00" } }
ladder "usual" {
    step "0%"   { to = "agents" }
    step "75%"  { to = "agents" alert = "at-risk" }
    step "100%" { to = "agents" alert = "broken" }
}
retry "usual" {
    no-answer = { "30m", "2h", "4h" }
    busy      = { "5m", "5m", "15m" }
    voicemail = { "4h", "1d" }
    then      = "unreachable"
    call_from = "00:00"
    call_to   = "24:00"
}
queue "sales" {
    numbers = { "+49 30 12340" }
    hours = "always" ladder = "usual" retry = "usual"
    hold = "15m" hold_max = "45m"
}
queue "billing" {
    numbers = { "+49 30 123420" }
    hours = "always" ladder = "usual" retry = "usual"
    close_needs = { "cause", "correction" }
}
source "kamailio" { answered_min = "1s" }
CONF
}

# daemon_start: with $D/ringback.conf, which is written where there is none.
daemon_start() {
	[ -e "$D/ringback.conf" ] || daemon_conf >"$D/ringback.conf"
	http_port=$(sed -n 's/^http.*:\([0-9]*\)".*/\1/p' "$D/ringback.conf")
	${RINGBACK_LAUNCHER:-} "$build/ringbackd" -f "$D/ringback.conf" >>"$D/ringbackd.log" 2>&1 &
	daemon_pid=$!
	started="$daemon_pid $started"
	await 10 daemon_ready
}

daemon_ready() {
	curl -sf --max-time 2 --unix-socket "$RINGBACK_SOCKET" \
		http://localhost/readyz
}

daemon_stop() { # daemon_stop [SIGNAL]; its exit code is ours
	kill "${1:--TERM}" "$daemon_pid"
	await 15 gone "$daemon_pid" || return 1
	ended "$daemon_pid"
}

# rb: the command, as an agent would type it.
rb() {
	timeout 20 "$build/ringback" "$@"
}

# push JSON: one event through the socket.
push() {
	curl -sf --max-time 5 --unix-socket "$RINGBACK_SOCKET" \
		-H 'Content-Type: application/json' -d "$1" \
		http://localhost/v1/events
}
