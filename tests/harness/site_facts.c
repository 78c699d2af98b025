#include "tests/harness/site_facts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/site.h"
#include "tests/harness/site_call.h"

#define BATCH 50

struct fact {
	char *epoch, *rev, *at, *number, *fence, *word, *function;
	char **argv;
	int argc;
};

struct site_facts {
	struct fact *list;
	size_t count, size;
};

static char *
copy(const char *text)
{
	char *s = strdup(text);

	if (s == NULL)
		abort();
	return s;
}

static void
free_fact(struct fact *f)
{
	free(f->epoch);
	free(f->rev);
	free(f->at);
	free(f->number);
	free(f->fence);
	free(f->word);
	free(f->function);
	for (int i = 0; i < f->argc; i++)
		free(f->argv[i]);
	free(f->argv);
}

void
site_note_fact(struct site *s, const char *function, int argc,
	       const char *const *argv, const struct reply *r)
{
	struct site_facts *all = s->facts;
	struct fact *f;

	if (s->epoch[0] == '\0' || reply_int(r, "fact", "rev") < 0)
		return;
	if (all == NULL)
		all = s->facts = calloc(1, sizeof *all);
	if (all != NULL && all->count == all->size) {
		all->size = all->size > 0 ? all->size * 2 : 64;
		all->list = realloc(all->list, all->size * sizeof *all->list);
	}
	if (all == NULL || all->list == NULL)
		abort();
	f = &all->list[all->count++];
	f->epoch = copy(s->epoch);
	f->rev = copy(reply_get(r, "fact", "rev"));
	f->at = copy(reply_get(r, "fact", "at"));
	f->number = copy(reply_get(r, "fact", "number"));
	f->fence = copy(reply_get(r, "fact", "fence"));
	f->word = copy(reply_word(r));
	f->function = copy(function);
	f->argc = argc;
	f->argv = calloc((size_t)argc + 1, sizeof *f->argv);
	if (f->argv == NULL)
		abort();
	for (int i = 0; i < argc; i++)
		f->argv[i] = copy(argv[i]);
}

size_t
site_fact_count(const struct site *s)
{
	return s->facts != NULL ? s->facts->count : 0;
}

void
site_keep_facts(struct site *s, size_t from)
{
	struct site_facts *all = s->facts;

	if (all == NULL || from > all->count)
		return;
	for (size_t i = 0; i < from; i++)
		free_fact(&all->list[i]);
	all->count -= from;
	memmove(all->list, all->list + from, all->count * sizeof *all->list);
}

void
site_facts_free(struct site *s)
{
	site_keep_facts(s, site_fact_count(s));
	if (s->facts != NULL)
		free(s->facts->list);
	free(s->facts);
	s->facts = NULL;
}

/* ---- resuming ------------------------------------------------------------ */

struct reply *
site_resume(struct site *s, const char *daemon, const char *run_id)
{
	struct reply *r;

	s->epoch[0] = '\0';
	r = site_call(s, "resume", daemon, run_id, "0", "0", "0-0", NULL);
	(void)snprintf(s->epoch, sizeof s->epoch, "%s",
		       reply_get(r, "site", "epoch"));
	return r;
}

static int
add_fact(const char **argv, int n, const struct fact *f)
{
	static char counts[BATCH][12];
	static unsigned at;
	char *count = counts[at++ % BATCH];

	(void)snprintf(count, sizeof counts[0], "%d", f->argc);
	argv[n++] = f->epoch;
	argv[n++] = f->rev;
	argv[n++] = f->at;
	argv[n++] = f->number;
	argv[n++] = f->fence;
	argv[n++] = f->word;
	argv[n++] = f->function;
	argv[n++] = "";
	argv[n++] = count;
	for (int i = 0; i < f->argc; i++)
		argv[n++] = f->argv[i];
	return n;
}

size_t
site_tell_facts(struct site *s, const char *daemon)
{
	const char *argv[SITE_ARGS] = { daemon, "0" };
	size_t told = 0;
	int n = 2;

	for (size_t i = 0; i < site_fact_count(s); i++) {
		const struct fact *f = &s->facts->list[i];

		if (n + 9 + f->argc >= SITE_ARGS || told % BATCH == BATCH - 1) {
			(void)site_call_list(s, "facts", n, argv);
			n = 2;
		}
		n = add_fact(argv, n, f);
		told++;
	}
	argv[1] = "1";
	(void)site_call_list(s, "facts", n, argv);
	return told;
}

struct reply *
site_recover(struct site *s)
{
	for (int i = 0; i < 1000; i++) {
		struct reply *r = site_call(s, "recover", NULL);

		if (!reply_is(r, "more"))
			return r;
	}
	site_fail("recover", "never comes to an end");
}

int64_t
site_epoch(struct site *s, const char *daemon, const char *run_id)
{
	struct reply *r = site_resume(s, daemon, run_id);

	(void)site_tell_facts(s, daemon);
	r = site_recover(s);
	if (!reply_is(r, "ok"))
		site_fail("recover", "waits for somebody");
	return reply_int(r, "recovered", "restored");
}

/* ---- a Redis that forgets ------------------------------------------------ */

struct site_copy {
	char **keys;
	redisReply **values;
	int64_t *ends; /* in so many ms; 0: never */
	size_t count;
};

struct site_copy *
site_copy_take(struct site *s)
{
	struct site_copy *c = calloc(1, sizeof *c);
	redisReply *keys = redis_do(s->redis, "KEYS", "*", NULL);

	if (c == NULL)
		abort();
	c->count = keys->elements;
	c->keys = calloc(c->count + 1, sizeof *c->keys);
	c->values = calloc(c->count + 1, sizeof(redisReply *));
	c->ends = calloc(c->count + 1, sizeof *c->ends);
	if (c->keys == NULL || c->values == NULL || c->ends == NULL)
		abort();
	for (size_t i = 0; i < c->count; i++) {
		c->keys[i] = copy(keys->element[i]->str);
		c->values[i] = redis_do(s->redis, "DUMP", c->keys[i], NULL);
		c->ends[i] = redis_int(s->redis, "PTTL", c->keys[i], NULL);
		if (c->ends[i] < 0)
			c->ends[i] = 0;
	}
	freeReplyObject(keys);
	return c;
}

/* The value holds any bytes, so the command is formed by hand. */
static void
restore(struct site *s, const char *key, const redisReply *value, int64_t ends)
{
	char ms[24];
	static const char digits[] = "0123456789abcdef";
	char *hex = malloc((size_t)value->len * 2 + 1);
	redisReply *r;

	if (hex == NULL)
		abort();
	for (size_t i = 0; i < (size_t)value->len; i++) {
		hex[2 * i] = digits[(unsigned char)value->str[i] >> 4];
		hex[2 * i + 1] = digits[(unsigned char)value->str[i] & 15];
	}
	hex[(size_t)value->len * 2] = '\0';
	(void)snprintf(ms, sizeof ms, "%lld", (long long)ends);
	r = redis_do(s->redis, "EVAL",
		     "return redis.call('RESTORE', KEYS[1], ARGV[2], "
		     "(string.gsub(ARGV[1], '..', function(h) "
		     "return string.char(tonumber(h, 16)) end)))",
		     "1", key, hex, ms, NULL);
	if (r->type == REDIS_REPLY_ERROR)
		site_fail(key, r->str);
	freeReplyObject(r);
	free(hex);
}

void
site_copy_put(struct site *s, const struct site_copy *c)
{
	redis_must(s->redis, "FLUSHALL", NULL);
	for (size_t i = 0; i < c->count; i++)
		restore(s, c->keys[i], c->values[i], c->ends[i]);
}

void
site_copy_free(struct site_copy *c)
{
	for (size_t i = 0; i < c->count; i++) {
		free(c->keys[i]);
		freeReplyObject(c->values[i]);
	}
	free(c->keys);
	free(c->values);
	free(c->ends);
	free(c);
}

/* ---- what is to be the same afterwards ---------------------------------- */

static bool
is_of_recovery(const char *key)
{
	static const char *const names[] = {
		"log",    "hints",      "site",       "epochs",
		"facts",  "fact_texts", "facts_done", "daemons",
		"silent", "parked",     "named"
	};

	key += strlen(SITE_ROOT ":");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(key, names[i]) == 0)
			return true;
	}
	return strncmp(key, "park:", 5) == 0;
}

static void
add_log(json_t *picture, struct site *s)
{
	redisReply *log =
	    redis_do(s->redis, "XRANGE", SITE_ROOT ":log", "-", "+", NULL);
	json_t *entries = json_array();

	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *fields = log->element[i]->element[1];
		json_t *entry = json_object();

		for (size_t k = 0; k + 1 < fields->elements; k += 2)
			(void)json_object_set_new(
			    entry, fields->element[k]->str,
			    json_string(fields->element[k + 1]->str));
		if (strcmp(json_string_value(json_object_get(entry, "type")),
			   "recovered") == 0)
			json_decref(entry);
		else
			(void)json_array_append_new(entries, entry);
	}
	(void)json_object_set_new(picture, "log", entries);
	freeReplyObject(log);
}

struct json_t *
site_picture(struct site *s)
{
	static const char *const counters[] = { "number", "fence", "seen" };
	json_t *picture = json_object();
	redisReply *keys = redis_do(s->redis, "KEYS", "*", NULL);

	for (size_t i = 0; i < keys->elements; i++) {
		const char *key = keys->element[i]->str;
		redisReply *r;

		if (is_of_recovery(key))
			continue;
		r = redis_do(s->redis, "DEBUG", "DIGEST-VALUE", key, NULL);
		(void)json_object_set_new(picture, key,
					  json_string(r->element[0]->str));
		freeReplyObject(r);
	}
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		(void)json_object_set_new(
		    picture, counters[i],
		    json_string(redis_str(s->redis, "HGET", SITE_ROOT ":site",
					  counters[i], NULL)));
	freeReplyObject(keys);
	add_log(picture, s);
	return picture;
}
