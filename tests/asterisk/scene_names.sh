# What callers call themselves: whatever it is, one call is one item, and what
# the agent sees has no control characters.
# shellcheck shell=sh disable=SC2154

# named NUMBER NAME: he calls, is missed, and is shown; $D/shown is that.
named() {
	call caller 500 "$1" 900 "$2" && await 5 waits "$1" &&
		rb show "$(item_of "$1")" >"$D/shown" && plain "$D/shown"
}
plain() { ! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$1"; }
logged() { grep -q "$1" "$D/ringbackd.log"; }
shown() { grep -q "$1" "$D/shown"; }

check 'ESC and BEL in a name' named +4930112001 "$(printf '"A\033[31mred\007 x"')"
check 'what is left of it is shown' shown 'A.*red'
check 'quotes and backslashes in a name' named +4930112002 '"say \"hi\" \\ back"'
check 'are shown as they were meant' shown 'say "hi" \\ back'
check 'ISO 8859-1 in a name' named +4930112003 "$(printf '"M\374ller"')"
check 'a name of two hundred letters' \
	named +4930112004 "\"$(printf 'x%.0s' $(seq 200))\""
check 'a name with a colon, like a line of the protocol' \
	named +4930112005 '"Event: Hangup"'
check 'an escaped CR LF in a name' named +4930112006 '"a%0d%0aEvent: Hangup"'
check 'a CR LF in a number is cut off there' call caller 500 '+4930112007%0d%0aX:%20y' 900
check 'and he waits' missed +4930112007
check 'packets of his own in a number' call caller 500 \
	'1%0d%0a%0d%0aEvent%3a%20Hangup%0d%0aLinkedid%3a%201.7%0d%0a%0d%0a' 300
check 'are refused' await 5 logged 'line ends in a value'
check 'a withheld number makes no item' call caller 500 anonymous 900
check 'nor does a number of 24 digits' call caller 500 +49301120080000000000000 900
check 'others still do' decided
check 'the link is still up' source_is up
