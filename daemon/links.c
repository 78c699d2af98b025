#include "daemon/links.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/redis_url.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/base/credentials.h"
#include "daemon/store/finder.h"
#include "daemon/store/greeting.h"
#include "daemon/store/rds.h"
#include "daemon/store/recovery.h"
#include "daemon/base/tls_client.h"
#include "daemon/store/store.h"

#define HINDERED_QUIET_MS 30000

struct links {
	struct links_options options;
	struct redis_url url;
	struct credentials who, sentinel_who;
	struct tls_client *tls; /* NULL: none; the links look here each time */
	struct finder *finder;
	struct greeting *greeting, *tail_greeting;
	struct rds *rds, *tail_rds;
	struct store *store;
	struct logtail *tail;
	struct recovery *recovery;
	char *away_told; /* why Redis is away, as logged last */
	char *hindered_told; /* why it takes nothing, as logged last */
	int64_t hindered_at; /* monotonic: when that was so last */
};

static void
on_greet(struct rds *rds, void *cookie)
{
	struct links *l = cookie;

	greeting_begin(rds, rds == l->rds ? l->greeting : l->tail_greeting);
}

/* Once for each reason: also for a Redis that was never fit for use. */
static void
log_away(struct links *l)
{
	const char *why = store_why(l->store);

	if (l->away_told != NULL && strcmp(l->away_told, why) == 0)
		return;
	free(l->away_told);
	l->away_told = text_dup(why);
	log_error("redis", "link=away %s", why);
}

/* Once for each reason, however often it is met.  One that comes only with
 * certain calls (events, when it is full) is not over between two of them. */
static void
log_hindrance(struct links *l)
{
	const char *why = store_trouble(l->store);
	int64_t now = clock_mono_ms();

	if (*why != '\0') {
		l->hindered_at = now;
		if (l->hindered_told != NULL &&
		    strcmp(l->hindered_told, why) == 0)
			return;
		free(l->hindered_told);
		l->hindered_told = text_dup(why);
		log_error("redis", "link=hindered %s", why);
	} else if (l->hindered_told != NULL &&
		   now - l->hindered_at > HINDERED_QUIET_MS) {
		free(l->hindered_told);
		l->hindered_told = NULL;
		log_info("redis", "link=serving");
	}
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
}

static struct greeting *
greet_as(struct links *l, enum greeting_kind kind, const struct policy *p)
{
	const struct greeting_options o = { .kind = kind,
		.site = p->site,
		.must_keep = strcmp(p->durability, "none") != 0,
		.who = &l->who };

	return greeting_new(&o);
}

/* What the files say that the configuration names; in use from the next
 * connecting on. */
static int
read_files(struct links *l, const struct policy *p, struct fault *fault)
{
	static const struct tls_client_words words = { .peer = "Redis",
		.prefix = "redis_",
		.where = "redis_url" };
	const struct tls_client_files files = { .ca = p->redis_ca,
		.cert = p->redis_cert,
		.key = p->redis_key,
		.words = &words };
	struct tls_client *tls = NULL;

	if (l->url.tls) {
		tls = tls_client_new(&files, fault);
		if (tls == NULL)
			return -1;
	}
	if (credentials_read(&l->who,
		*l->url.user != '\0' ? l->url.user : p->redis_user,
		p->redis_secret_file, "redis_secret_file", fault) < 0 ||
	    credentials_read(&l->sentinel_who, p->sentinel_user,
		p->sentinel_secret_file, "sentinel_secret_file", fault) < 0) {
		tls_client_free(tls);
		return -1;
	}
	tls_client_free(l->tls);
	l->tls = tls;
	return 0;
}

static void
on_find(struct rds *rds, void *cookie)
{
	struct links *l = cookie;

	finder_ask(l->finder, rds);
}

static void
on_moved(void *cookie, const char *error)
{
	struct links *l = cookie;

	finder_moved(l->finder, error);
	rds_drop(l->rds, "the site has moved to another node");
	rds_drop(l->tail_rds, "the site has moved to another node");
}

static void
on_lost(void *cookie, const char *why)
{
	struct links *l = cookie;

	rds_drop(l->rds, why);
	rds_drop(l->tail_rds, why);
}

static int
connect_both(struct links *l, struct fault *fault)
{
	const struct policy *p = l->options.policy;
	bool sentinels = l->url.kind == REDIS_SENTINEL;
	const struct finder_options finder = { .base = l->options.base,
		.url = &l->url,
		.site = p->site,
		.who = sentinels ? &l->sentinel_who : &l->who,
		.tls = &l->tls,
		.lost = on_lost,
		.cookie = l };
	struct rds_options link = { .find = on_find,
		.tls = &l->tls,
		.greet = on_greet,
		.changed = on_link,
		.moved = on_moved,
		.cookie = l };

	l->finder = finder_new(&finder);
	l->greeting = greet_as(l, GREETING_CALLS, p);
	l->tail_greeting = greet_as(l, GREETING_FOLLOW, p);
	l->rds = rds_new(l->options.base, &link, fault);
	if (l->rds == NULL)
		return -1;
	l->store = store_new(l->rds, p->site, l->options.daemon);
	store_wait_for(l->store, p->wait_replicas, p->wait_ms);
	link.changed = on_tail_link;
	l->tail_rds = rds_new(l->options.base, &link, fault);
	if (l->tail_rds == NULL)
		return -1;
	l->tail = logtail_new(l->tail_rds, p->site, &l->options.tail);
	l->recovery = recovery_new(&(struct recovery_options){
	    .base = l->options.base,
	    .store = l->store,
	    .keep_ms = p->remember_ms,
	    .run_id = run_id,
	    .log_id = log_id,
	    .over = on_recovered,
	    .cookie = l });
	return 0;
}

int
links_check(const struct policy *p, struct fault *fault)
{
	struct links l = { 0 };
	int ok = redis_url_parse(&l.url, p->redis_url, fault);

	if (ok == 0)
		ok = read_files(&l, p, fault);
	credentials_done(&l.who);
	credentials_done(&l.sentinel_who);
	tls_client_free(l.tls);
	return ok;
}

struct links *
links_new(const struct links_options *options, struct fault *fault)
{
	struct links *l = text_alloc(sizeof *l);
	const struct policy *p = options->policy;

	l->options = *options;
	if (redis_url_parse(&l->url, p->redis_url, fault) < 0 ||
	    read_files(l, p, fault) < 0 || connect_both(l, fault) < 0) {
		links_close(l);
		links_free(l);
		return NULL;
	}
	l->options.policy = NULL; /* a reload frees it */
	return l;
}

int
links_reload(struct links *l, const struct policy *p, struct fault *fault)
{
	if (read_files(l, p, fault) < 0)
		return -1;
	rds_hurry(l->rds);
	rds_hurry(l->tail_rds);
	return 0;
}

void
links_close(struct links *l)
{
	if (l == NULL)
		return;
	rds_close(l->rds);
	rds_close(l->tail_rds);
	finder_free(l->finder);
	l->finder = NULL;
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
	greeting_free(l->tail_greeting);
	credentials_done(&l->who);
	credentials_done(&l->sentinel_who);
	tls_client_free(l->tls);
	free(l->away_told);
	free(l->hindered_told);
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
	recovery_set_keep(l->recovery, policy->remember_ms);
}

void
links_look(struct links *l)
{
	if (store_down_since_ms(l->store) > 0)
		log_away(l);
	else
		log_hindrance(l);
}
