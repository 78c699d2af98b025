# Asterisk ends and comes back.
# shellcheck shell=sh disable=SC2154

check 'callers wait' call_waits +4930117001
check 'Asterisk is stopped, as before a restart' pbx_stop
check 'who waited, waits to be called back' missed +4930117001 10
check 'the link is down' await 10 source_is DOWN
check 'Asterisk comes back' pbx_start
check 'so does the link' await 45 source_is up
check 'a caller waits' call_waits +4930117002
check 'Asterisk is killed' pbx_kill
check 'the link is down' await 10 source_is DOWN
check 'Asterisk comes back' pbx_start
check 'so does the link' await 45 source_is up
check 'who was cut off waits to be called back' missed +4930117002 20
check 'calls go on being heard' decided 20

check 'a caller waits' call_waits +4930117004 6000
check 'the daemon begins anew' site_as ringback
check 'the caller gives up' call_end
check 'and is missed' missed +4930117004 10
queue_add PJSIP/1001 sales
check 'a caller talks with an agent' call_talks +4930117005 7000
check 'the daemon begins anew' site_as ringback
check 'the talk ends' call_end
queue_remove PJSIP/1001 sales
check 'he is no missed call' not_missed +4930117005

check 'the daemon stops' daemon_stop
check 'a caller gives up meanwhile' call caller 500 +4930117003 1200
check 'the daemon comes back' daemon_start
check 'and has read of him in queue_log' missed +4930117003 20
check 'of those before, nobody is told twice' decided 20
check 'one item of each' count_is +49301170 4
