# pbx.sh: a real Asterisk on free ports of the loopback, in $D/pbx, with SIP
# telephones and callers by SIPp.  After tests/whole/lib.sh.  It touches nothing
# of the system: its programs may even be those of another Debian, in a folder
# (ASTERISK_ROOT), which run by the loader of that folder.
# shellcheck shell=sh disable=SC2154

P=$D/pbx
sip=$here/tests/asterisk/sip

# pbx_find: sets what starts it; a folder is made where there is none.
pbx_find() {
	root=${ASTERISK_ROOT:-}
	if [ -z "$root" ] && [ ! -x /usr/sbin/asterisk ]; then
		root=$here/build/asterisk-root
		pbx_root "$root" || return 1
	fi
	[ -x "$root/usr/sbin/asterisk" ] || return 1
	modules=$(find "$root"/usr/lib -type d -path '*/asterisk/modules' | head -n 1)
	libs=${modules%/asterisk/modules}
	asterisk="$root/usr/sbin/asterisk"
	if [ -n "$root" ]; then
		loader=$(find "$libs/" "$root/lib64/" -name 'ld-linux*' 2>/dev/null |
			head -n 1)
		asterisk="$loader --library-path $libs $asterisk"
	fi
}

# Debian 12 has no Asterisk; Debian sid has.
pbx_root() {
	[ ! -x "$1/usr/sbin/asterisk" ] || return 0
	echo "There is no Asterisk here: making one in $1 (500 MB, minutes)."
	mkdir -p "${1%/*}"
	rm -rf "$1"
	debootstrap --variant=minbase --include=asterisk sid "$1" \
		>"$1.log" 2>&1 || {
		echo "debootstrap failed, see $1.log"
		return 1
	}
}

pbx_configure() {
	for name in sip ami ami_tls answers rings busy brief nobody refuses caller; do
		case $name in
		ami*) eval "${name}_port=$(free_port tcp)" ;;
		*) eval "${name}_port=$(free_port udp)" ;;
		esac
	done
	secret=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	mkdir -p "$P/etc" "$P/lib" "$P/spool" "$P/run" "$P/log"
	for conf in tests/asterisk/etc/*.conf; do
		sed -e "s,@D@,$P,g" -e "s,@MODULES@,$modules,g" \
			-e "s,@SHARE@,$root/usr/share/asterisk,g" \
			-e "s,@SECRET@,$secret,g" -e "s,@SIP@,$sip_port,g" \
			-e "s,@AMI@,$ami_port,g" -e "s,@AMI_TLS@,$ami_tls_port,g" \
			-e "s,@ANSWERS@,$answers_port,g" -e "s,@RINGS@,$rings_port,g" \
			-e "s,@BUSY@,$busy_port,g" -e "s,@BRIEF@,$brief_port,g" \
			-e "s,@NOBODY@,$nobody_port,g" -e "s,@REFUSES@,$refuses_port,g" \
			"$conf" >"$P/etc/${conf##*/}"
	done
	printf '%s\n' "$secret" >"$D/pbx.secret"
	chmod 600 "$D/pbx.secret"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout "$P/pbx.key" -out "$P/pbx.pem" 2>/dev/null
}

# pbx_start: it is fully booted.
pbx_start() {
	# shellcheck disable=SC2086
	LD_LIBRARY_PATH='' $asterisk -C "$P/etc/asterisk.conf" -f -n \
		>>"$D/pbx.log" 2>&1 &
	pbx_pid=$!
	started="$pbx_pid $started"
	await 60 pbx_booted
}

pbx_booted() { cli 'core waitfullybooted' | grep -q 'fully booted'; }

pbx_stop() {
	cli 'core stop now' >/dev/null
	await 15 gone "$pbx_pid" || return 1
	ended "$pbx_pid" || true
}

pbx_kill() {
	kill -9 "$pbx_pid"
	await 5 gone "$pbx_pid" || return 1
	ended "$pbx_pid" || true
}

cli() { # cli 'WORDS': what one would type at its console
	# shellcheck disable=SC2086
	timeout 10 $asterisk -C "$P/etc/asterisk.conf" -rx "$1"
}

# phones: one process for each kind of behaviour.
phones_start() {
	for kind in answers rings busy brief nobody refuses; do
		eval "port=\$${kind}_port"
		(cd "$P" && exec sipp -sf "$sip/phone_$kind.xml" -i 127.0.0.1 \
			-p "$port" -nostdin -trace_msg -message_file "$D/$kind.sip" \
			-message_overwrite true -mp "$(free_port udp)" -aa) \
			>"$D/phone_$kind.log" 2>&1 &
		started="$! $started"
		await 15 bound "$port" || return 1
	done
}

bound() { # somebody listens at this UDP port
	awk '{ print $2 " " }' /proc/net/udp | grep -q "$(printf ':%04X ' "$1")"
}

# call SCENARIO NUMBER FROM MS [NAME]: one call, to its end, whose caller stays
# so long.
call() {
	call_out "s/\[stays\]/$4/" 1 "$@"
}

# calls COUNT SCENARIO NUMBER FROM MS: so many at once, from FROM1, FROM2, ...
calls() {
	call_out "s/\[stays\]/$5/; s/\[caller\]/[caller][call_number]/" "$@"
}

call_out() { # SED COUNT SCENARIO NUMBER FROM MS [NAME [RATE PERIOD]]
	file=$(mktemp "$P/call.XXXXXX") && sed "$1" "$sip/$3.xml" >"$file" || return 1
	(cd "$P" && exec sipp "127.0.0.1:$sip_port" -sf "$file" -i 127.0.0.1 \
		-p "$(free_port udp)" -m "$2" -r "${8:-$2}" -rp "${9:-200}" -l "$2" -nostdin \
		-timeout 120s -mp "$(free_port udp)" \
		-key caller "$5" -key display "${7:-\"\"}" -key dialled "$4") \
		>"$D/call.log" 2>&1
}

# calls_spread COUNT NUMBER FROM: so many, one a second, each stays 1.2 s.
calls_spread() {
	call_out "s/\[stays\]/1200/; s/\[caller\]/[caller][call_number]/" \
		"$1" caller "$2" "$3" '' '' 1 1000
}

# call_begin: the same in the background; call_end: how it went.
call_begin() {
	call "$@" &
	call_pid=$!
	started="$call_pid $started"
}
call_end() {
	await 30 gone "$call_pid" && ended "$call_pid"
}

no_calls() { cli 'core show channels count' | grep -q '^0 active calls'; }
