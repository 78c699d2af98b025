#include "daemon/store/store_wait.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <hiredis/hiredis.h>

#include "daemon/base/text.h"
#include "daemon/store/answer.h"
#include "daemon/store/rds.h"

/* Beyond what Redis itself may take: it is away then. */
#define GRACE_MS 2000

struct held {
	STAILQ_ENTRY(held) all;
	struct store_answer answer;
	char *word, **names; /* owned; what the answer borrows */
	wait_done *done;
	void *cookie;
};
STAILQ_HEAD(helds, held);

struct store_wait {
	struct rds *rds; /* borrowed */
	struct helds sent, next;
	bool asking;
	int64_t replicas, ms;
};

static void waited(void *, enum store_end, const redisReply *);

struct store_wait *
store_wait_new(struct rds *rds, int64_t replicas, int64_t ms)
{
	struct store_wait *w = text_alloc(sizeof *w);

	w->rds = rds;
	w->replicas = replicas;
	w->ms = ms;
	STAILQ_INIT(&w->sent);
	STAILQ_INIT(&w->next);
	return w;
}

void
store_wait_free(struct store_wait *w)
{
	free(w);
}

static void
ask(struct store_wait *w)
{
	char replicas[24], ms[24];
	const char *const argv[] = { "WAIT", replicas, ms };
	const struct rds_command command = { .argc = 3,
					     .argv = argv,
					     .timeout_ms = w->ms + GRACE_MS };

	(void)snprintf(replicas, sizeof replicas, "%" PRId64, w->replicas);
	(void)snprintf(ms, sizeof ms, "%" PRId64, w->ms);
	w->asking = true;
	STAILQ_CONCAT(&w->sent, &w->next);
	rds_call_command(w->rds, &command, waited, w);
}

void
store_wait_add(struct store_wait *w, struct store_answer *a, wait_done *done,
	       void *cookie)
{
	struct held *h = text_alloc(sizeof *h);
	struct section *sections =
	    text_alloc((a->count + 1) * sizeof *sections);

	h->done = done;
	h->cookie = cookie;
	h->word = text_dup(a->word);
	h->names = text_alloc((a->count + 1) * sizeof *h->names);
	for (size_t i = 0; i < a->count; i++) {
		h->names[i] = text_dup(a->sections[i].name);
		sections[i].name = h->names[i];
		sections[i].fields = a->sections[i].fields;
	}
	h->answer = (struct store_answer){ .word = h->word,
					   .error = "",
					   .sections = sections,
					   .count = a->count };
	a->count = 0; /* the fields are ours now */
	STAILQ_INSERT_TAIL(&w->next, h, all);
	if (!w->asking)
		ask(w);
}

static void
tell(struct held *h, bool kept)
{
	size_t count = h->answer.count;

	h->done(h->cookie, kept, &h->answer);
	answer_done(&h->answer);
	for (size_t i = 0; i < count; i++)
		free(h->names[i]);
	free(h->names);
	free(h->word);
	free(h);
}

static void
waited(void *cookie, enum store_end end, const redisReply *r)
{
	struct store_wait *w = cookie;
	bool kept = end == STORE_DONE && r->type == REDIS_REPLY_INTEGER &&
		    r->integer >= w->replicas;
	struct helds told = STAILQ_HEAD_INITIALIZER(told);
	struct held *h;

	STAILQ_CONCAT(&told, &w->sent);
	w->asking = false;
	if (!STAILQ_EMPTY(&w->next))
		ask(w);
	while ((h = STAILQ_FIRST(&told)) != NULL) {
		STAILQ_REMOVE_HEAD(&told, all);
		tell(h, kept);
	}
}
