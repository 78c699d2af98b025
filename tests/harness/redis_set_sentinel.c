/* The sentinels of a redis_set, and who is master by their word. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/redis_set_parts.h"

/* ---- sentinels ---------------------------------------------------------- */

/* Told beforehand who the others are, they need not wait to hear of them. */
static void
print_sentinel(FILE *f, const struct redis_set *s, size_t number,
	       const struct port *ports)
{
	const struct redis_set_options *o = &s->options;

	(void)fprintf(f,
		      "sentinel myid %040zu\n"
		      "sentinel monitor " REDIS_SET_NAME " 127.0.0.1 %u %zu\n"
		      "sentinel down-after-milliseconds " REDIS_SET_NAME " %d\n"
		      "sentinel failover-timeout " REDIS_SET_NAME " %d\n",
		      number + 1, (unsigned)redis_port(s->server[0]),
		      o->sentinels / 2 + 1,
		      o->down_after_ms > 0 ? o->down_after_ms : 1000,
		      o->failover_ms > 0 ? o->failover_ms : 3000);
	for (size_t i = 1; i < s->servers; i++)
		(void)fprintf(f,
			      "sentinel known-replica " REDIS_SET_NAME
			      " 127.0.0.1 %u\n",
			      (unsigned)redis_port(s->server[i]));
	for (size_t i = 0; i < o->sentinels; i++) {
		if (i != number)
			(void)fprintf(f,
				      "sentinel known-sentinel " REDIS_SET_NAME
				      " 127.0.0.1 %u %040zu\n",
				      (unsigned)ports[i].number, i + 1);
	}
	if (o->sentinel_lines != NULL)
		(void)fputs(o->sentinel_lines, f);
}

void
set_start_sentinels(struct redis_set *s)
{
	struct port ports[MOST_SENTINELS] = { 0 };

	for (size_t i = 0; i < s->options.sentinels; i++)
		ports[i] = port_reserve();
	for (size_t i = 0; i < s->options.sentinels; i++) {
		struct redis_options o = { .tcp = true,
					   .sentinel = true,
					   .port = ports[i] };
		char *text = NULL;
		size_t size;
		FILE *f = open_memstream(&text, &size);

		if (f == NULL)
			set_give_up("no memory");
		print_sentinel(f, s, i, ports);
		if (fclose(f) != 0)
			set_give_up("no memory");
		o.file = text;
		s->sentinel[i] = redis_start_with(&o);
		free(text);
	}
	s->sentinels = s->options.sentinels;
}

/* CKQUORUM says "OK" also of a failover that could be authorized, not only of
 * one that would be asked for. */
static bool
sees_majority(struct redis *sentinel)
{
	redisReply *reply;
	bool good;

	if (!set_awake(sentinel))
		return false;
	reply =
	    redis_do(sentinel, "SENTINEL", "CKQUORUM", REDIS_SET_NAME, NULL);
	good = reply->type == REDIS_REPLY_STATUS;
	freeReplyObject(reply);
	return good;
}

/* It would not choose one that it believes away ("s_down,slave"). */
static bool
knows_replicas(const struct redis_set *s, struct redis *sentinel)
{
	redisReply *list =
	    redis_do(sentinel, "SENTINEL", "REPLICAS", REDIS_SET_NAME, NULL);
	size_t good = 0;

	for (size_t i = 0; i < list->elements; i++) {
		const redisReply *one = list->element[i];

		for (size_t j = 0; j + 1 < one->elements; j += 2)
			good += strcmp(one->element[j]->str, "flags") == 0 &&
				strcmp(one->element[j + 1]->str, "slave") == 0;
	}
	freeReplyObject(list);
	return good == s->servers - 1;
}

/* Neither believed away, nor is a failover under way. */
static bool
is_content(struct redis *sentinel)
{
	redisReply *one =
	    redis_do(sentinel, "SENTINEL", "MASTER", REDIS_SET_NAME, NULL);
	bool good = false;

	for (size_t j = 0; j + 1 < one->elements; j += 2)
		good =
		    good || (strcmp(one->element[j]->str, "flags") == 0 &&
			     strcmp(one->element[j + 1]->str, "master") == 0);
	freeReplyObject(one);
	return good;
}

static size_t
named_by(struct redis_set *s, struct redis *sentinel)
{
	redisReply *at =
	    redis_do(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME",
		     REDIS_SET_NAME, NULL);
	size_t found = SIZE_MAX;
	char port[8];

	for (size_t i = 0; i < s->servers && at->elements == 2; i++) {
		if (strcmp(at->element[1]->str, set_port(s->server[i], port)) ==
		    0)
			found = i;
	}
	freeReplyObject(at);
	return found;
}

struct redis *
redis_set_master(struct redis_set *s)
{
	size_t votes[MOST_SERVERS] = { 0 };

	for (size_t i = 0; i < s->sentinels; i++) {
		size_t vote = set_awake(s->sentinel[i])
				  ? named_by(s, s->sentinel[i])
				  : SIZE_MAX;

		if (vote < s->servers && ++votes[vote] > s->sentinels / 2)
			return s->server[vote];
	}
	return s->sentinels == 0 ? s->server[0] : NULL;
}

static bool
has_moved(struct redis_set *s, const void *old)
{
	struct redis *now = redis_set_master(s);

	return now != NULL && now != old && set_awake(now) &&
	       set_field(now, "replication", "role:master");
}

bool
redis_set_moved(struct redis_set *s, const struct redis *old, int limit_ms)
{
	return set_until(s, has_moved, old, limit_ms);
}

static bool
is_steady(struct redis_set *s, const void *unused)
{
	struct redis *master = redis_set_master(s);

	(void)unused;
	if (!has_moved(s, NULL) || !set_follow(s, master))
		return false;
	for (size_t i = 0; i < s->sentinels; i++) {
		if (!sees_majority(s->sentinel[i]) ||
		    !is_content(s->sentinel[i]) ||
		    !knows_replicas(s, s->sentinel[i]))
			return false;
	}
	return true;
}

bool
redis_set_steady(struct redis_set *s, int limit_ms)
{
	return set_until(s, is_steady, NULL, limit_ms);
}
