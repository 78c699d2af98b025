# Calls that enter no queue.
# shellcheck shell=sh disable=SC2154

check 'a caller rings a phone in vain' call caller_rings 91002 +4930113001 1500
check 'and waits' missed +4930113001
check 'one finds it busy' call caller_refused 91003 +4930113002 0
check 'and waits' missed +4930113002
check 'one rings a phone that is nowhere' call caller_refused 91004 +4930113003 0
check 'and waits' missed +4930113003
check 'one is answered' call caller 91001 +4930113004 2500
check 'and is no missed call' not_missed +4930113004
check 'the first rings again and is answered' call caller 91001 +4930113001 2500
check 'he disappears' await 5 waits_not +4930113001
