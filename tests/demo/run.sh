#!/bin/sh
# run.sh BUILD: a demonstration.  A Redis and a daemon of its own, customers, a
# morning of missed calls; until Ctrl-C.  What was done in it survives, in
# RINGBACK_STATE (build/state); delete that folder to begin again.
set -u
build=${1:?usage: run.sh BUILD}
case $build in /*) ;; *) build=$PWD/$build ;; esac
here=$(dirname "$0")
state=${RINGBACK_STATE:-$PWD/build/state}
mkdir -p "$state" || exit 1
state=$(cd "$state" && pwd) || exit 1
# The demonstration is of whoever started it, and tokens lie there.
chmod 700 "$state" || exit 1
umask 077
redis_pid=
daemon_pid=
log_pid=
short=

say() { printf '%s\n' "$*"; }
die() { printf 'make run: %s\n' "$*" >&2; exit 1; }

# Two Redis on one state would destroy it, so a lock goes with all that runs.
exec 9>"$state/lock"
flock -n 9 || die "a demonstration is running on $state already; end that one first (Ctrl-C), or set RINGBACK_STATE to another folder."

# The path of a Unix socket has at most 107 bytes.
run=$state
if [ ${#state} -gt 80 ]; then
	short=$(mktemp -d /tmp/ringback.XXXXXX) || exit 1
	run=$short
fi

gone() { # ended, also if it waits only for us to look
	word=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null)
	[ -z "$word" ] || [ "$word" = Z ]
}

# The daemon first: what it still has to say must find its Redis.  The log ends
# by itself when nobody writes it any more.
stop() {
	trap '' INT TERM HUP
	for pid in $daemon_pid $redis_pid; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ -z "$daemon_pid" ] || wait "$log_pid"
	[ -z "$short" ] || rm -rf "$short"
}

# At Ctrl-C the terminal signals all in the foreground: these two stand aside,
# and end in order; should this script be killed, they end by themselves.
aside() { exec setpriv --pdeathsig TERM setsid "$@"; }

await() { # await PID COMMAND...: until it succeeds or PID has ended
	pid=$1
	shift
	until_s=$(($(date +%s) + 20))
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$until_s" ] && ! gone "$pid" || return 1
		sleep 0.05
	done
}

ask() { # ask PATH [curl's options]
	path=$1
	shift
	curl -sf --max-time 20 --unix-socket "$run/ringback.sock" "$@" \
		"http://localhost$path"
}

redis_answers() {
	timeout 2 redis-cli -s "$run/redis.sock" ping | grep -q PONG
}

taken() { # taken PORT: does anybody listen there
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v end=":$(printf %04X "$1")" '
			$4 == "0A" && substr($2, length($2) - 4) == end { n++ }
			END { exit !n }'
}

# That of the example, or one nearby; or none: then by the socket only.
choose_port() {
	http=
	for port in 8025 8026 8027 8028 8029; do
		taken $port || { http=127.0.0.1:$port && break; }
	done
	case $http in
	*:8025) ;;
	'') say 'Ports 8025 to 8029 are taken: telephone systems cannot push.' ;;
	*) say "Port 8025 is taken: telephone systems push to $http." ;;
	esac
}

begin() {
	choose_port
	sed -e "s,/run/ringback-redis/,$run/,; s,/var/lib/ringback-redis,$state," \
		-e 's/^supervised .*/supervised no/' \
		conf/ringback-redis.conf >"$state/redis.conf"
	sed -e "s,@RUN@,$run,; s,@STATE@,$state,; s,@HTTP@,$http,; s,@GROUP@,$(id -gn)," \
		"$here/demo.conf" >"$state/ringback.conf"
	rm -f "$run/redis.sock"
	aside redis-server "$state/redis.conf" >>"$state/redis.log" 2>&1 &
	redis_pid=$!
	await "$redis_pid" redis_answers ||
		{ tail -n 5 "$state/redis.log" >&2; die 'redis-server did not start.'; }
	# The priorities in front of the lines are for journald.
	rm -f "$run/log"
	mkfifo "$run/log" || exit 1
	aside sed -u 's/^<[0-7]>//' <"$run/log" >&2 &
	log_pid=$!
	aside "$build/ringbackd" -f "$state/ringback.conf" 2>"$run/log" &
	daemon_pid=$!
	await "$daemon_pid" ask /readyz || die 'ringbackd did not start; it says why above.'
}

# Two colleagues, by whose tokens one sees what they may do.
colleague() { # colleague NAME ROLE
	[ ! -s "$state/$1.token" ] || return 0
	for queue in sales billing support quality; do
		"$build/ringback" agents add $queue "$1" >/dev/null ||
			die "could not make $1 an agent of $queue."
	done
	"$build/ringback" tokens create "$1" --role "$2" >"$state/$1.token" ||
		die "could not make a token for $1."
}

# Each agent serves the queues that somebody says; here all of them.
load() {
	me=$(id -un)
	for queue in sales billing support quality; do
		"$build/ringback" agents add $queue "$me" >/dev/null ||
			die "could not make $me an agent of $queue."
	done
	awk -v me="$me" -f "$here/customers.awk" >"$state/customers.csv"
	"$build/ringback" customers import "$state/customers.csv" ||
		die 'the customers were not taken in.'
	awk -F, -v now="$(date +%s)" -f "$here/morning.awk" \
		"$state/customers.csv" >"$state/morning.ndjson"
	ask /v1/events -H 'Content-Type: application/x-ndjson' \
		--data-binary "@$state/morning.ndjson" >"$state/morning.answers" ||
		die 'the missed calls were not taken in.'
	say "Taken in: $(grep -c . "$state/morning.answers") events of this morning."
	: >"$state/loaded"
}

trap stop EXIT
trap 'exit 0' INT TERM HUP
export RINGBACK_SOCKET="$run/ringback.sock"
begin
if [ -e "$state/loaded" ]; then
	total=$(ask '/v1/items?limit=1' | sed -n 's/.*"total": *\([0-9]*\).*/\1/p')
	say "${total:-0} items are still here from last time ($state)."
else
	load
fi
colleague ben agent
colleague lea supervisor
cat <<TEXT

  ringback is running. In a second terminal:

    export RINGBACK_SOCKET=$RINGBACK_SOCKET
    alias ringback=$build/ringback
    ringback             # who you are, what you hold, your queues
    ringback next        # whom to ring now, and why
    ringback done -m "wants an offer by Friday"
    ringback work        # all day long, by single keys
    ringback watch       # what is about to go wrong
TEXT
[ -z "$http" ] || cat <<TEXT

  You may do everything. As Ben, an agent, or Lea, a supervisor:

    alias ben="$build/ringback --url http://$http --token-file $state/ben.token"
    alias lea="$build/ringback --url http://$http --token-file $state/lea.token"
TEXT
cat <<TEXT

  Ctrl-C here ends it. It goes on where you left it: make run.

TEXT
until gone "$daemon_pid"; do
	if gone "$redis_pid"; then
		tail -n 3 "$state/redis.log" >&2
		die "Redis has ended, see above. What it had accepted is in $state; go on: make run"
	fi
	sleep 0.5
done
wait "$daemon_pid"
code=$?
die "ringbackd has ended with exit code $code. Go on: make run"
