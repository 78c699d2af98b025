#include "daemon/alerts/deliver.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/alerts/program.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/store/store.h"

#define LOOK_MS 1000
#define MOST_RUNNING 4
/* A claim outlasts the program by this, so that nobody else runs it meanwhile. */
#define CLAIM_SPARE_MS 10000

struct deliver {
	struct event_base *base;
	struct store *store;         /* borrowed */
	const struct policy *policy; /* borrowed */
	struct event *timer;         /* owned */
	size_t running;
	bool asking; /* a claim is on its way */
	bool stopped;
};

/*
 * One delivery
 *	deliver_look	claim one
 *	claimed		run its program
 *	program_over	told, or again later; and look for the next
 */
struct delivery {
	struct deliver *home;
	char *id; /* owned */
};
static void claimed(void *, enum store_end, const struct store_answer *);
static void program_over(void *, bool ok);

static void
look_in(struct deliver *d, int64_t ms)
{
	struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (ms % 1000) * 1000 };

	(void)evtimer_add(d->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *cookie)
{
	(void)fd;
	(void)what;
	deliver_look(cookie);
}

struct deliver *
deliver_new(struct event_base *base, struct store *store,
    const struct policy *policy)
{
	struct deliver *d = text_alloc(sizeof *d);

	d->base = base;
	d->store = store;
	d->policy = policy;
	d->timer = evtimer_new(base, on_timer, d);
	if (d->timer == NULL)
		abort();
	look_in(d, LOOK_MS);
	return d;
}

void
deliver_free(struct deliver *d)
{
	if (d == NULL)
		return;
	event_free(d->timer);
	free(d);
}

void
deliver_set_policy(struct deliver *d, const struct policy *policy)
{
	d->policy = policy;
}

void
deliver_stop(struct deliver *d)
{
	d->stopped = true;
}

static int64_t
claim_ms(const struct policy *p)
{
	int64_t longest = 0;

	for (size_t i = 0; i < p->alert_count; i++) {
		if (p->alerts[i].timeout_ms > longest)
			longest = p->alerts[i].timeout_ms;
	}
	return longest + CLAIM_SPARE_MS;
}

/* Those that our file has, "duty,mail"; free(). */
static char *
channels(const struct policy *p)
{
	struct text list = { 0 };

	for (size_t i = 0; i < p->alert_count; i++)
		text_addf(
		    &list, "%s%s", i > 0 ? "," : "", p->alerts[i].name);
	return list.data != NULL ? text_take(&list) : text_dup("");
}

void
deliver_look(struct deliver *d)
{
	char *ours;

	look_in(d, LOOK_MS);
	if (d->stopped || d->asking || d->running >= MOST_RUNNING)
		return;
	d->asking = true;
	ours = channels(d->policy);
	store_alerts(d->store, claim_ms(d->policy), ours, claimed, d);
	free(ours);
}

static const struct policy_alert *
find_alert(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->alert_count; i++) {
		if (strcmp(p->alerts[i].name, name) == 0)
			return &p->alerts[i];
	}
	return NULL;
}

static void
ignore_answer(void *cookie, enum store_end end, const struct store_answer *a)
{
	(void)cookie;
	(void)end;
	(void)a;
}

static void
start(struct deliver *d, const struct record *alert,
    const struct store_answer *a)
{
	const struct policy_alert *to =
	    find_alert(d->policy, record_text(alert, "channel"));
	struct delivery *delivery;
	char value[160];

	if (to == NULL) {
		/* Reloaded meanwhile. */
		log_warn("alerts", "channel=%s is not in our configuration",
		    log_value(value, sizeof value,
			record_text(alert, "channel")));
		store_alert_told(d->store, record_text(alert, "id"), false,
		    ignore_answer, NULL);
		return;
	}
	delivery = text_alloc(sizeof *delivery);
	delivery->home = d;
	delivery->id = text_dup(record_text(alert, "id"));
	d->running++;
	program_run(to, a, program_over, delivery);
}

static void
claimed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct deliver *d = cookie;
	const struct record *alert = answer_section(a, "alert");

	d->asking = false;
	if (end != STORE_DONE)
		return;
	if (alert != NULL)
		start(d, alert, a);
	if (alert != NULL || strcmp(a->word, "more") == 0)
		deliver_look(d);
}

static void
program_over(void *cookie, bool ok)
{
	struct delivery *delivery = cookie;
	struct deliver *d = delivery->home;

	d->running--;
	/* Where this is lost the claim runs out, and it is told once more. */
	store_alert_told(d->store, delivery->id, ok, ignore_answer, NULL);
	free(delivery->id);
	free(delivery);
	deliver_look(d);
}
