# site.sh: a site of ringback beside the Asterisk of pbx.sh.
# shellcheck shell=sh disable=SC2034,SC2119,SC2120,SC2154

tool=$build/pbx-tool

# site_conf USER [PORT]: the configuration, with the link as that user, to
# another port than Asterisk's own where something stands between.
site_conf() {
	link="address = \"localhost:$ami_tls_port\" tls = true tls_ca = \"$P/pbx.pem\""
	[ -z "${2:-}" ] || link="address = \"127.0.0.1:$2\""
	daemon_conf | sed '/^source /d' >"$D/ringback.conf"
	cat >>"$D/ringback.conf" <<CONF
source "pbx" {
    type          = "asterisk"
    $link
    user          = "$1"
    secret_file   = "$D/pbx.secret"
    queue_names   = { "support=sales", "empty=sales" }
    queue         = "sales"
    contexts      = { "from-trunk" }
    queue_log     = "$P/log/queue_log"
    answered_min  = "1s"
    dial_agent    = "PJSIP/{phone}"
    dial_customer = "{number}@from-internal"
}
CONF
	sed -i 's/^queue "sales" {/&\n    caller_id = "+49 30 12340"/' "$D/ringback.conf"
}

# site_as USER [PORT]: the daemon begins anew with that link.
site_as() {
	daemon_stop && site_conf "$@" && daemon_start && await 10 source_is up
}

# api METHOD PATH [JSON]
api() {
	curl -s --max-time 35 --unix-socket "$RINGBACK_SOCKET" -X "$1" \
		-H 'Content-Type: application/json' ${3:+-d "$3"} "http://localhost$2"
}

# member JSON NAME: the first text or number of that name.
member() {
	printf '%s' "$1" | sed -n "s/.*\"$2\": *\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p"
}

source_is() { # up or DOWN: the link of the source "pbx"
	rb sources | grep -Eq "^ *pbx +asterisk +$1 "
}

waits() { rb list --all --state waiting --json | grep -q "\"phone\":\"$1\""; }
waits_not() { ! waits "$1"; }
waiting_of() { # how many wait whose number begins so
	rb list --all --state waiting --json | grep -o "\"phone\":\"$1[0-9]*\"" |
		sort -u | wc -l
}
count_is() { [ "$(waiting_of "$1")" = "$2" ]; }

# decided: whatever ended before has been told: one more caller gives up, and
# waits.
marks=100
decided() {
	marks=$((marks + 1))
	call caller 500 "+4930999$marks" 900 && await "${1:-10}" waits "+4930999$marks"
}

# missed NUMBER [SECONDS]: he is in the list soon.  not_missed: he is not.
missed() { await "${2:-5}" waits "$1"; }
not_missed() { decided && waits_not "$1"; }
missed_in() { await 5 waits "$2" && [ "$(field_of "$2" queue)" = "$1" ]; }

queue_add() { cli "queue add member $1 to $2" | grep -q Added; }
queue_remove() { cli "queue remove member $1 from $2" | grep -q Removed; }
paused() { cli "queue show $2" | grep "$1" | grep -qi paused; }
not_paused() { ! paused "$@"; }

# hold NUMBER: that customer's item is mine; its number in $item.
hold() {
	item=$(item_of "$1") && [ -n "$item" ] && rb take "$item"
}
item_of() { field_of "$1" number; }
field_of() { # field_of NUMBER NAME: of that customer's item
	member "$(rb list --all --json | tr '{' '\n' | grep "\"phone\":\"$1\"" |
		head -n 1)" "$2"
}

# call_waits NUMBER [MS]: he waits in the queue, and goes on so long; whose call
# is cut off is ended with the test.
call_waits() {
	call_begin caller 500 "$1" "${2:-20000}"
	await 10 waiting_there "$1"
}
# call_talks NUMBER MS: an agent has picked up, and it goes on.
call_talks() {
	call_begin caller 500 "$1" "$2"
	await 10 talking_there "$1"
}
talking_there() { # he is in a bridge
	cli 'core show channels concise' | awk -F! -v who="$1" '
		$8 == who && $13 != "" && $13 != "(None)" { found = 1 }
		END { exit !found }'
}
waiting_there() { cli 'core show channels concise' | grep "!$1!" | grep -q '!Queue!'; }
