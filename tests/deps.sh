#!/bin/sh
# deps.sh GROUP...: installs what is missing of the groups run, check, asterisk,
# valgrind, fuzz, lint, and nothing else.  Says first what that is.  Debian and its
# children only.
set -eu

run='gcc g++ make pkg-config libevent-dev libssl-dev libhiredis-dev uuid-dev
libjansson-dev libconfuse-dev libphonenumber-dev libical-dev libsystemd-dev
libcurl4-openssl-dev libsmartcols-dev libcsv-dev zlib1g-dev tzdata redis-server curl'
check='libcriterion-dev mandoc sip-tester kamailio kamailio-utils-modules
kamailio-extra-modules procps libseccomp-dev strace systemd openssl'
asterisk='debootstrap'
valgrind='valgrind'
fuzz='clang-14 libclang-rt-14-dev'
lint='clang-tidy cppcheck shellcheck lua5.1 lua-check redis-tools'

wanted=
for group in "${@:-run}"; do
	case $group in
	run) wanted="$wanted $run" ;;
	check) wanted="$wanted $check" ;;
	asterisk) wanted="$wanted $asterisk" ;;
	valgrind) wanted="$wanted $valgrind" ;;
	fuzz) wanted="$wanted $fuzz" ;;
	lint) wanted="$wanted $lint" ;;
	*)
		echo "deps.sh: no group called '$group'; there are run, check, asterisk, valgrind, fuzz, lint." >&2
		exit 2
		;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "make deps knows only Debian's packages. Needed here:"
	echo "$wanted" | tr '\n' ' '
	echo
	echo 'Going on; the build will say what it misses.'
	exit 0
fi

# Unknown packages make dpkg-query fail, which is no news: they are missing.
# shellcheck disable=SC2086,SC2016
have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
	sed -n 's/ installed$//p') || true
missing=
for package in $wanted; do
	case "
$have
" in
	*"
$package
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

echo "To be installed by apt-get:$missing"
case "$missing " in *' redis-server '*)
	echo "Debian's redis-server starts a Redis of its own, at 127.0.0.1:6379, now"
	echo 'and at every boot. ringback does not need it; to have none:'
	echo '  sudo systemctl disable --now redis-server'
	;;
esac
sudo=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo 'This needs root, and there is no sudo. As root:' >&2
		echo "  apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	sudo=sudo
fi
# sudo drops the environment, so the setting goes through env.
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	--no-install-recommends install $missing
