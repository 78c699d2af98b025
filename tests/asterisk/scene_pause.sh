# Whom the queues do not ring while he holds a customer.
# shellcheck shell=sh disable=SC2154

agent_phone() {
	api PUT "/v1/agents/$(id -un)/phone" '{"phone": "1006"}' | grep -q "$(id -un)" &&
		api GET /v1/me | grep -q '"phone": *"1006"'
}
still_paused() { decided; cli 'queue show sales' && paused PJSIP/1006 sales; }

rb release >/dev/null 2>&1
queue_add PJSIP/1006 sales && queue_add PJSIP/1006 billing
check 'the agent has a phone, which is in two queues' agent_phone
check 'he is not paused' not_paused PJSIP/1006 sales
push '{"type": "call.missed", "id": "p1", "from": "+4930116001", "source": "pbx",
	"queue": "sales"}' >/dev/null
check 'he takes a customer' hold +4930116001
check 'and is paused' await 5 paused PJSIP/1006 sales
check 'in the other queue, too' await 5 paused PJSIP/1006 billing
check 'a caller meanwhile does not ring him' call caller 500 +4930116002 1500
check 'and is missed' missed +4930116002
check 'done' rb 'done'
check 'he is rung again' await 5 not_paused PJSIP/1006 sales
check 'from the other queue, too' await 5 not_paused PJSIP/1006 billing
cli 'queue pause member PJSIP/1006 queue sales reason lunch' >/dev/null
push '{"type": "call.missed", "id": "p2", "from": "+4930116003", "source": "pbx",
	"queue": "sales"}' >/dev/null
check 'one who paused himself takes a customer' hold +4930116003
check 'done, he' rb 'done'
check 'is still paused, as he wanted' still_paused
queue_remove PJSIP/1006 sales
queue_remove PJSIP/1006 billing
rb next >/dev/null && rb 'done' >/dev/null
