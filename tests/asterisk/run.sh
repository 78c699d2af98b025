#!/bin/sh
# run.sh BUILD: what must be seen with a real Asterisk, as a list of "ok NAME"
# and "not ok NAME"; the exit code says whether all is well.  Real calls by SIP,
# the real daemon, a real Redis; takes about six minutes, two of which are a
# flood and a line that is dead for a minute.  SCENES="queue calling" runs only
# these.
. tests/whole/lib.sh
. tests/asterisk/pbx.sh
. tests/asterisk/site.sh
exec 3>&1 # what was measured, from inside a check

pbx_find || give_up 'an Asterisk is there, or can be had'
pbx_configure && pbx_start && phones_start || give_up 'Asterisk starts'
echo "# $($asterisk -V)"
redis_start && site_conf ringback && daemon_start ||
	give_up 'redis-server and ringbackd start'
rb agents add sales "$(id -un)" >"$D/setup.log" 2>&1 &&
	rb agents add billing "$(id -un)" >>"$D/setup.log" 2>&1 ||
	give_up 'an agent is added'

check 'the link is up' await 10 source_is up
for scene in ${SCENES:-queue names outside least calling pause restart gap several flood}; do
	echo "# $scene"
	# shellcheck disable=SC1090
	. "tests/asterisk/scene_$scene.sh"
done
finish
