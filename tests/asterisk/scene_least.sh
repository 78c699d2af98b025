# A user of the manager who may only hear what queues tell (read = agent).
# shellcheck shell=sh disable=SC2154

check 'the daemon links up as a listener' site_as listener
check 'a caller gives up' call caller 500 +4930114001 1200
check 'and waits' missed +4930114001 12
queue_add PJSIP/1001 sales
check 'a caller is answered' call caller 500 +4930114002 2500
check 'the first rings again and is answered' call caller 500 +4930114001 3000
check 'he disappears' await 12 waits_not +4930114001
queue_remove PJSIP/1001 sales
check 'who was answered is no missed call' decided 15
check 'really' waits_not +4930114002
check 'the daemon links up as before' site_as ringback
