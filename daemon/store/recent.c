#include "daemon/store/recent.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"

#define WORDS_BEFORE 9

struct kept {
	struct recent_kept shown; /* first: it is what others see of us */
	int64_t at_ms;            /* monotonic */
	size_t bytes;
	const char **words; /* owned, and in one piece with their text */
};

struct recent {
	struct kept *first, *last; /* owned, linked by shown.next */
	int64_t keep_ms;
	size_t bytes, most;
	int64_t fence, number;
	bool pinned;
	bool told; /* that it does not hold all it should */
};

struct recent *
recent_new(int64_t keep_ms, size_t most_bytes)
{
	struct recent *r = text_alloc(sizeof *r);

	r->keep_ms = keep_ms;
	r->most = most_bytes;
	return r;
}

static struct kept *
next_of(const struct kept *k)
{
	return (struct kept *)(uintptr_t)k->shown.next;
}

static void
append(struct recent *r, struct kept *k)
{
	if (r->last != NULL)
		r->last->shown.next = &k->shown;
	else
		r->first = k;
	r->last = k;
	r->bytes += k->bytes;
}

static void
drop_first(struct recent *r)
{
	struct kept *k = r->first;

	r->first = next_of(k);
	if (r->first == NULL)
		r->last = NULL;
	r->bytes -= k->bytes;
	free(k->words);
	free(k);
}

void
recent_free(struct recent *r)
{
	if (r == NULL)
		return;
	while (r->first != NULL)
		drop_first(r);
	free(r);
}

void
recent_set_keep(struct recent *r, int64_t keep_ms)
{
	r->keep_ms = keep_ms;
}

static void
drop_old(struct recent *r, int64_t now)
{
	if (r->pinned)
		return;
	while (r->first != NULL && now - r->first->at_ms >= r->keep_ms)
		drop_first(r);
	if (r->bytes < r->most / 2)
		r->told = false;
	while (r->first != NULL && r->bytes > r->most) {
		if (!r->told)
			log_warn(
			    "recovery",
			    "more than %zu bytes were acknowledged in %lld "
			    "s: the oldest are not kept any more",
			    r->most, (long long)(r->keep_ms / 1000));
		r->told = true;
		drop_first(r);
	}
}

/* The words and their text in one piece of memory. */
static void
copy_words(struct kept *k, const char *const *head,
	   const struct recent_act *act)
{
	size_t size, at;

	const size_t count = WORDS_BEFORE + act->argc;

	size = count * sizeof *k->words;
	at = size;
	for (size_t i = 0; i < count; i++)
		size += strlen(i < WORDS_BEFORE ? head[i]
						: act->argv[i - WORDS_BEFORE]) +
			1;
	k->words = text_alloc(size);
	for (size_t i = 0; i < count; i++) {
		const char *word =
		    i < WORDS_BEFORE ? head[i] : act->argv[i - WORDS_BEFORE];
		size_t n = strlen(word) + 1;

		k->words[i] = memcpy((char *)k->words + at, word, n);
		at += n;
	}
	k->bytes = size + sizeof *k;
	k->shown = (struct recent_kept){ .epoch = k->words[0],
					 .words = k->words,
					 .count = count };
}

static const char *
field(const struct recent_act *act, const char *name)
{
	const char *value = record_get(act->fact, name);

	return value != NULL ? value : "";
}

void
recent_add(struct recent *r, const struct recent_act *act)
{
	int64_t now = clock_mono_ms();
	int64_t fence = record_int(act->fact, "fence", 0);
	int64_t number = record_int(act->fact, "number", 0);
	char argc[24];
	const char *const head[WORDS_BEFORE] = {
		act->epoch,           field(act, "rev"),   field(act, "at"),
		field(act, "number"), field(act, "fence"), act->word,
		act->function,        act->from,           argc
	};
	struct kept *k;

	if (fence > r->fence)
		r->fence = fence;
	if (number > r->number)
		r->number = number;
	if (r->keep_ms > 0) {
		(void)snprintf(argc, sizeof argc, "%zu", act->argc);
		k = text_alloc(sizeof *k);
		k->at_ms = now;
		copy_words(k, head, act);
		k->shown.rev = record_int(act->fact, "rev", 0);
		append(r, k);
	}
	drop_old(r, now);
}

const struct recent_kept *
recent_first(const struct recent *r)
{
	return r->first != NULL ? &r->first->shown : NULL;
}

void
recent_pin(struct recent *r, bool pinned)
{
	r->pinned = pinned;
}

int64_t
recent_fence(const struct recent *r)
{
	return r->fence;
}

int64_t
recent_number(const struct recent *r)
{
	return r->number;
}
