#include "daemon/links.h"

#include <stdlib.h>
#include <string.h>

#include <event2/dns.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/store/greeting.h"
#include "daemon/store/rds.h"
#include "daemon/store/recovery.h"
#include "daemon/store/store.h"

struct links {
	struct links_options options;
	struct evdns_base *dns;
	struct greeting *greeting;
	struct rds *rds, *tail_rds;
	struct store *store;
	struct logtail *tail;
	struct recovery *recovery;
	char *away_told; /* why Redis is away, as logged last */
};

static void
on_greet(struct rds *rds, void *cookie)
{
	struct links *l = cookie;

	greeting_begin(rds, l->greeting);
}

/* Once for each reason: also for a Redis that was never fit for use. */
static void
log_away(struct links *l)
{
	const char *why = store_why(l->store);
	char value[400];

	if (l->away_told != NULL && strcmp(l->away_told, why) == 0)
		return;
	free(l->away_told);
	l->away_told = text_dup(why);
	log_error("redis", "link=away why=%s",
	    log_value(value, sizeof value, why));
}

static void
on_link(void *cookie, bool up, const char *why)
{
	struct links *l = cookie;

	(void)why;
	if (up) {
		free(l->away_told);
		l->away_told = NULL;
		log_info("redis", "link=up");
	} else {
		log_away(l);
	}
	recovery_link(l->recovery, up);
	if (l->options.changed != NULL)
		l->options.changed(l->options.cookie, up);
}

static void
on_recovered(void *cookie)
{
	struct links *l = cookie;

	l->options.recovered(l->options.cookie);
}

static const char *
run_id(void *cookie)
{
	return links_run_id(cookie);
}

static const char *
log_id(void *cookie)
{
	const struct links *l = cookie;

	return logtail_greatest(l->tail);
}

static void
on_tail_link(void *cookie, bool up, const char *why)
{
	struct links *l = cookie;

	(void)why;
	logtail_link(l->tail, up);
	if (l->options.following != NULL)
		l->options.following(l->options.cookie, up);
}

static int
connect_both(struct links *l, struct fault *fault)
{
	const struct policy *p = l->options.policy;
	struct rds_options link = { .address = p->redis_url,
				    .dns = l->dns,
				    .greet = on_greet,
				    .changed = on_link,
				    .cookie = l };
	struct rds_options tail = { .address = p->redis_url,
				    .dns = l->dns,
				    .changed = on_tail_link,
				    .cookie = l };

	l->greeting = greeting_new(p->site, strcmp(p->durability, "none") != 0);
	l->rds = rds_new(l->options.base, &link, fault);
	if (l->rds == NULL)
		return -1;
	l->store = store_new(l->rds, p->site, l->options.daemon);
	l->tail_rds = rds_new(l->options.base, &tail, fault);
	if (l->tail_rds == NULL)
		return -1;
	l->tail = logtail_new(l->tail_rds, p->site, &l->options.tail);
	l->recovery = recovery_new(&(struct recovery_options){
	    .base = l->options.base,
	    .store = l->store,
	    .keep_ms = p->replay_ms,
	    .run_id = run_id,
	    .log_id = log_id,
	    .over = on_recovered,
	    .cookie = l });
	return 0;
}

struct links *
links_new(const struct links_options *options, struct fault *fault)
{
	struct links *l = text_alloc(sizeof *l);

	l->options = *options;
	l->dns =
	    evdns_base_new(options->base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
					      EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (connect_both(l, fault) < 0) {
		links_close(l);
		links_free(l);
		return NULL;
	}
	l->options.policy = NULL; /* a reload frees it */
	return l;
}

void
links_close(struct links *l)
{
	if (l == NULL)
		return;
	rds_close(l->rds);
	rds_close(l->tail_rds);
}

void
links_free(struct links *l)
{
	if (l == NULL)
		return;
	rds_free(l->rds);
	rds_free(l->tail_rds);
	logtail_free(l->tail);
	recovery_free(l->recovery);
	store_free(l->store);
	greeting_free(l->greeting);
	if (l->dns != NULL)
		evdns_base_free(l->dns, 0);
	free(l->away_told);
	free(l);
}

struct store *
links_store(const struct links *l)
{
	return l->store;
}

struct rds *
links_rds(const struct links *l)
{
	return l->rds;
}

const char *
links_run_id(const struct links *l)
{
	return greeting_run_id(l->greeting);
}

void
links_set_policy(struct links *l, const struct policy *policy)
{
	recovery_set_keep(l->recovery, policy->replay_ms);
}

void
links_look(struct links *l)
{
	if (store_down_since_ms(l->store) > 0)
		log_away(l);
}
