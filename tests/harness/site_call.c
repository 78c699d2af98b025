#include "tests/harness/site_call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/library.h"
#include "tests/harness/site.h"
#include "tests/harness/site_facts.h"

/* As in redis.c: the tests of the command link no library. */
#pragma weak library_text

#define SEEN_MOST 256

/* One per call that is still borrowed: {word, section...}, as Redis said it. */
struct reply {
	redisReply *r; /* owned; NULL while unused */
};

void
site_fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "harness: site: %s: %s\n", what, why);
	abort();
}

struct reply *
site_ring_new(void)
{
	struct reply *ring = calloc(SITE_RING, sizeof *ring);

	if (ring == NULL)
		abort();
	return ring;
}

void
site_ring_free(struct reply *ring)
{
	for (size_t i = 0; ring != NULL && i < SITE_RING; i++) {
		if (ring[i].r != NULL)
			freeReplyObject(ring[i].r);
	}
	free(ring);
}

/* ---- words: a function answers nothing that its header does not name ---- */

static const char *
header_of(const char *function)
{
	char start[80];
	const char *at;

	(void)snprintf(start, sizeof start, "\n-- %s(", function);
	if (library_text == NULL)
		site_fail(function, "the library is not linked into this test");
	at = strstr(library_text, start);
	if (at == NULL)
		site_fail(function, "has no header \"-- name(args) -> words\"");
	return at + 1;
}

bool
site_words_next(const char **at, char *word, size_t size)
{
	size_t len = strcspn(*at, "|\n");
	size_t word_len;

	if (**at == '\n' || **at == '\0')
		return false;
	while (len > 0 && **at == ' ') {
		(*at)++;
		len--;
	}
	word_len = strcspn(*at, " |\n");
	(void)snprintf(word, size, "%.*s", (int)word_len, *at);
	*at += len;
	if (**at == '|')
		(*at)++;
	return true;
}

const char *
site_words_of(const char *function)
{
	const char *header = header_of(function);
	const char *arrow = strstr(header, ") -> ");

	if (arrow == NULL || arrow > strchr(header, '\n'))
		site_fail(function, "its header has no \"-> words\"");
	return arrow + 5;
}

static void
note_seen(const char *function, const char *word)
{
	static char seen[SEEN_MOST][128];
	static size_t count;
	const char *path = getenv("RINGBACK_WORDS_SEEN");
	char both[128];
	FILE *f;

	(void)snprintf(both, sizeof both, "%.60s %.60s", function, word);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(seen[i], both) == 0)
			return;
	}
	if (count < SEEN_MOST)
		(void)memcpy(seen[count++], both, sizeof both);
	f = path == NULL ? NULL : fopen(path, "ae");
	if (f == NULL)
		return;
	(void)fprintf(f, "%s\n", both);
	(void)fclose(f);
}

static void
check_word(const char *function, const char *said)
{
	const char *at = site_words_of(function);
	char word[64];

	while (site_words_next(&at, word, sizeof word)) {
		if (strcmp(word, said) == 0) {
			note_seen(function, said);
			return;
		}
	}
	(void)fprintf(stderr, "harness: site: %s answered \"%s\"\n", function,
		      said);
	site_fail(function, "answered a word that its header does not name");
}

/* ---- calls --------------------------------------------------------------- */

static redisReply *
send_call(struct site *s, const char *function, int argc,
	  const char *const *argv)
{
	const char *all[SITE_ARGS + 8] = { "FCALL", function, "1", SITE_ROOT };
	char context[160];
	int n = 4;

	if (argc > SITE_ARGS)
		site_fail(function, "too many arguments");
	(void)snprintf(context, sizeof context, "%lld|%s|",
		       (long long)s->now_ms, s->epoch);
	all[n++] = context;
	for (int i = 0; i < argc; i++)
		all[n++] = argv[i];
	return redis_call(s->redis, n, all);
}

static void
full_name(char *buf, size_t size, const char *function)
{
	(void)snprintf(buf, size, "rb1_%s", function);
}

static bool
is_answer(const redisReply *r)
{
	if (r->type != REDIS_REPLY_ARRAY || r->elements == 0 ||
	    r->element[0]->type != REDIS_REPLY_STRING)
		return false;
	for (size_t i = 1; i < r->elements; i++) {
		const redisReply *section = r->element[i];

		if (section->type != REDIS_REPLY_ARRAY ||
		    section->elements % 2 == 0)
			return false;
		for (size_t k = 0; k < section->elements; k++) {
			if (section->element[k]->type != REDIS_REPLY_STRING)
				return false;
		}
	}
	return true;
}

struct reply *
site_call_list(struct site *s, const char *function, int argc,
	       const char *const *argv)
{
	struct reply *reply = &s->ring[s->calls++ % SITE_RING];
	char name[64];

	full_name(name, sizeof name, function);
	if (reply->r != NULL)
		freeReplyObject(reply->r);
	reply->r = send_call(s, name, argc, argv);
	if (reply->r->type == REDIS_REPLY_ERROR)
		site_fail(name, reply->r->str);
	if (!is_answer(reply->r))
		site_fail(name,
			  "answered something else than {word, section...}");
	/* What every writer may say to one who has an epoch. */
	if (s->epoch[0] == '\0' || !reply_is(reply, "recovering"))
		check_word(name, reply_word(reply));
	site_note_fact(s, name, argc, argv, reply);
	return reply;
}

int
site_collect(const char **argv, int n, va_list ap)
{
	for (;;) {
		const char *arg = va_arg(ap, const char *);

		if (arg == NULL)
			return n;
		if (n == SITE_ARGS)
			site_fail(argv[0], "too many arguments");
		argv[n++] = arg;
	}
}

struct reply *
site_call(struct site *s, const char *function, ...)
{
	const char *argv[SITE_ARGS];
	va_list ap;
	int argc;

	va_start(ap, function);
	argc = site_collect(argv, 0, ap);
	va_end(ap);
	return site_call_list(s, function, argc, argv);
}

const char *
site_refused(struct site *s, const char *function, ...)
{
	struct reply *reply = &s->ring[s->calls++ % SITE_RING];
	const char *argv[SITE_ARGS];
	char name[64];
	va_list ap;
	int argc;

	va_start(ap, function);
	argc = site_collect(argv, 0, ap);
	va_end(ap);
	full_name(name, sizeof name, function);
	if (reply->r != NULL)
		freeReplyObject(reply->r);
	reply->r = send_call(s, name, argc, argv);
	if (reply->r->type != REDIS_REPLY_ERROR)
		site_fail(name, "was to be refused and was not");
	return reply->r->str;
}

/* ---- replies ------------------------------------------------------------ */

const char *
reply_word(const struct reply *reply)
{
	return reply->r->element[0]->str;
}

bool
reply_is(const struct reply *reply, const char *word)
{
	return strcmp(reply_word(reply), word) == 0;
}

static const redisReply *
nth_section(const struct reply *reply, const char *name, size_t nth)
{
	for (size_t i = 1; i < reply->r->elements; i++) {
		const redisReply *section = reply->r->element[i];

		if (strcmp(section->element[0]->str, name) != 0)
			continue;
		if (nth-- == 0)
			return section;
	}
	return NULL;
}

const char *
reply_get_nth(const struct reply *reply, const char *section, size_t nth,
	      const char *field)
{
	const redisReply *found = nth_section(reply, section, nth);

	for (size_t i = 1; found != NULL && i < found->elements; i += 2) {
		if (strcmp(found->element[i]->str, field) == 0)
			return found->element[i + 1]->str;
	}
	return "";
}

const char *
reply_get(const struct reply *reply, const char *section, const char *field)
{
	return reply_get_nth(reply, section, 0, field);
}

int64_t
reply_int(const struct reply *reply, const char *section, const char *field)
{
	const char *text = reply_get(reply, section, field);
	char *end;
	long long n = strtoll(text, &end, 10);

	return *text == '\0' || *end != '\0' ? -1 : (int64_t)n;
}

size_t
reply_count(const struct reply *reply, const char *section)
{
	size_t n = 0;

	while (nth_section(reply, section, n) != NULL)
		n++;
	return n;
}

static bool
holds_field(const redisReply *section, const char *name, const char *value)
{
	for (size_t i = 1; i < section->elements; i += 2) {
		if (strcmp(section->element[i]->str, name) == 0)
			return strcmp(section->element[i + 1]->str, value) == 0;
	}
	return false;
}

/* Fields come in no order: Lua's pairs has none. */
static bool
section_same(const redisReply *a, const redisReply *b)
{
	if (a->elements != b->elements ||
	    strcmp(a->element[0]->str, b->element[0]->str) != 0)
		return false;
	for (size_t i = 1; i < a->elements; i += 2) {
		if (!holds_field(b, a->element[i]->str, a->element[i + 1]->str))
			return false;
	}
	return true;
}

bool
reply_same(const struct reply *a, const struct reply *b)
{
	if (a->r->elements != b->r->elements ||
	    strcmp(reply_word(a), reply_word(b)) != 0)
		return false;
	for (size_t i = 1; i < a->r->elements; i++) {
		if (!section_same(a->r->element[i], b->r->element[i]))
			return false;
	}
	return true;
}
