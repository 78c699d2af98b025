#include "daemon/store/store.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/store/store_call.h"

/* ---- events and work ----------------------------------------------------------- */

void
store_event(struct store *st, const struct store_event *event, store_done *done,
    void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_event", event->uuid, NULL);

	call_add_fields(c, event->fields);
	call_set_patience(c, event->patience_ms);
	call_send(c);
}

void
store_estimate(struct store *st, int64_t number, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_estimate", NULL);

	call_add_int(c, number);
	call_send(c);
}

void
store_next(struct store *st, const struct actor *who, int64_t wait_ms,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_next", who->name,
	    who->groups, store_daemon(st), NULL);

	call_set_actor(c, who);
	call_add_int(c, wait_ms);
	call_send(c);
}

/* call_by: a function whose first arguments are the agent, his groups, his
 * rank and the item. */
static struct call *
call_by(struct store *st, const char *function, const struct actor *who,
    const char *id, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, function, who->name, who->groups, NULL);

	call_set_actor(c, who);
	call_add_int(c, who->rank);
	call_add(c, id);
	return c;
}

void
store_hold(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	call_send(call_by(st, "rb1_hold", who, id, done, cookie));
}

void
store_extend(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_extend", who->name, who->groups, id, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_outcome(struct store *st, const struct actor *who,
    const struct store_outcome *o, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_outcome", who, o->id, done, cookie);

	call_add(c, o->fence);
	call_add(c, o->code);
	call_add_fields(c, o->fields);
	call_send(c);
}

void
store_release(struct store *st, const struct actor *who,
    const struct store_release *r, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_release", who, r->id, done, cookie);

	call_add(c, r->reason);
	call_add(c, r->fence);
	call_send(c);
}

void
store_move(struct store *st, const struct actor *who,
    const struct store_move *m, store_done *done, void *cookie)
{
	struct call *c = call_by(st, "rb1_move", who, m->id, done, cookie);

	call_add(c, m->to);
	call_add(c, m->note);
	call_add(c, m->fence);
	call_send(c);
}

void
store_note(struct store *st, const struct actor *who, const char *id,
    const char *text, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_note", who->name, who->groups, id, text, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_undo(struct store *st, const struct actor *who, const char *id,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_undo", who->name, who->groups, id, NULL);

	call_set_actor(c, who);
	call_send(c);
}

/* ---- what people look at --------------------------------------------------------- */

void
store_item(struct store *st, const char *id, const char *agent,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_item", id, agent, NULL));
}

void
store_explain(struct store *st, const char *id, const char *agent,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_explain", id, agent, NULL));
}

void
store_items(struct store *st, int64_t first, int64_t count,
    const struct record *filter, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_items", NULL);

	call_add_int(c, first);
	call_add_int(c, count);
	call_add_fields(c, filter);
	call_send(c);
}

void
store_queues(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_queues", NULL));
}

void
store_me(struct store *st, const char *agent, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_me", agent, NULL));
}

/* ---- who serves what, the directory, tokens ---------------------------------------- */

void
store_agent_add(struct store *st, const struct store_service *s,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_agent_add", s->queue, s->agent, s->factor, s->who->name, NULL);

	call_set_actor(c, s->who);
	call_send(c);
}

void
store_agent_remove(struct store *st, const struct store_service *s,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_agent_remove", s->queue, s->agent, s->who->name, NULL);

	call_set_actor(c, s->who);
	call_send(c);
}

void
store_agents(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_agents", NULL));
}

void
store_duty(struct store *st, const struct actor *who, const char *duty,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_agent_duty", who->name, who->groups, duty, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_seen(struct store *st, const char *name, const char *groups,
    store_done *done, void *cookie)
{
	call_send(
	    call_new(st, done, cookie, "rb1_seen", name, groups, NULL));
}

void
store_customer_put(struct store *st, const struct store_customer *customer,
    store_done *done, void *cookie)
{
	struct call *c = call_new(
	    st, done, cookie, "rb1_customer_put", customer->id, NULL);

	call_set_actor(c, customer->who);
	call_add_fields(c, customer->fields);
	call_send(c);
}

void
store_customer_delete(struct store *st, const struct actor *who,
    const char *id, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_customer_delete", id, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_customer(struct store *st, const char *id, const char *phone,
    store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_customer", id, phone, NULL));
}

void
store_customers(struct store *st, const char *after, int64_t count,
    store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_customers", after, NULL);

	call_add_int(c, count);
	call_send(c);
}

void
store_token(struct store *st, const char *sha256, int64_t patience_ms,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_token", sha256, NULL);

	call_set_patience(c, patience_ms);
	call_send(c);
}

void
store_token_put(struct store *st, const struct store_token *token,
    store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_token_put",
	    token->name, token->role, token->sha256, NULL);

	call_set_actor(c, token->who);
	call_send(c);
}

void
store_token_revoke(struct store *st, const struct actor *who, const char *name,
    store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_token_revoke", name, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_tokens(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_tokens", NULL));
}

void
store_token_book(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_token_book", NULL));
}

/* ---- what daemons do by themselves -------------------------------------------------- */

void
store_policy_get(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_policy_get", NULL));
}

void
store_policy_put(struct store *st, const char *hash,
    const struct record *fields, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_policy_put", hash, NULL);

	call_in_any_epoch(c);
	call_add_fields(c, fields);
	call_send(c);
}

void
store_calendars(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_calendars", NULL));
}

void
store_calendar_put(struct store *st, const struct store_calendar *calendar,
    store_done *done, void *cookie)
{
	struct call *c = call_new(
	    st, done, cookie, "rb1_calendar_put", calendar->name, NULL);

	call_in_any_epoch(c);
	call_add_int(c, calendar->until_ms);
	for (size_t i = 0; i < calendar->count; i++)
		call_add(c, calendar->instants[i]);
	call_send(c);
}

void
store_tick(struct store *st, const char *days, store_done *done, void *cookie)
{
	call_send(call_new(
	    st, done, cookie, "rb1_tick", days, store_daemon(st), NULL));
}

void
store_alerts(struct store *st, int64_t claim_ms, const char *channels,
    store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_alerts", store_daemon(st), NULL);

	call_add_int(c, claim_ms);
	call_add(c, channels);
	call_send(c);
}

void
store_alert_told(struct store *st, const char *id, bool ok, store_done *done,
    void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_alert_told", store_daemon(st), id,
	    ok ? "ok" : "failed", NULL));
}
