#include "tests/torture/watchers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define SILENT_MS 4000 /* there is always something in the log */
#define AGAIN_MS 200
#define LIMIT_MS 3600000L

struct watcher {
	struct face face;
	struct heard heard;
	size_t read;      /* of what came on this connection */
	int64_t since_ms; /* the last thing came, or it connected */
	int64_t next_ms;
};

struct watchers {
	struct world *world;
	struct watcher one[WATCHERS];
	bool left;
};

int
log_id_order(const char *a, const char *b)
{
	char *rest_a, *rest_b;
	unsigned long long ms_a = strtoull(a, &rest_a, 10),
			   ms_b = strtoull(b, &rest_b, 10), n_a, n_b;

	if (ms_a != ms_b)
		return ms_a < ms_b ? -1 : 1;
	n_a = *rest_a == '-' ? strtoull(rest_a + 1, NULL, 10) : 0;
	n_b = *rest_b == '-' ? strtoull(rest_b + 1, NULL, 10) : 0;
	return n_a < n_b ? -1 : n_a > n_b;
}

struct watchers *
watchers_new(struct world *w)
{
	struct watchers *s = text_alloc(sizeof *s);

	s->world = w;
	for (size_t i = 0; i < WATCHERS; i++) {
		s->one[i].face.at = i % DAEMONS;
		face_open(&s->one[i].face, w, NULL, LIMIT_MS);
	}
	return s;
}

void
watchers_free(struct watchers *s)
{
	for (size_t i = 0; i < WATCHERS; i++) {
		face_close(&s->one[i].face);
		free(s->one[i].heard.id);
	}
	free(s);
}

static void
hear(struct heard *h, const char *id, size_t len)
{
	if (h->count == h->room) {
		h->room = h->room == 0 ? 1024 : h->room * 2;
		h->id = text_realloc(h->id, h->room * sizeof *h->id);
	}
	(void)snprintf(h->id[h->count++], sizeof *h->id, "%.*s", (int)len, id);
}

/* Whole events only: what was cut off comes again. */
static void
take_events(struct watcher *l)
{
	const char *all = web_so_far(l->face.web[l->face.at]);
	const char *s = all + l->read, *end;

	while ((end = strstr(s, "\n\n")) != NULL) {
		if (strncmp(s, "id: ", 4) == 0)
			hear(&l->heard, s + 4, strcspn(s + 4, "\n"));
		if (strncmp(s, "event: reset", 12) == 0)
			l->heard.resets++;
		s = end + 2;
		l->since_ms = world_mono_ms();
	}
	l->read = (size_t)(s - all);
}

static void
on_end(void *cookie, struct web *w, const struct web_answer *a)
{
	struct watcher *l = cookie;

	(void)w;
	(void)a;
	take_events(l);
	l->face.busy = false;
	l->next_ms = world_mono_ms() + AGAIN_MS;
}

static void
connect_to_next(struct watchers *s, struct watcher *l)
{
	const struct heard *h = &l->heard;
	const struct web_request r = { .path = "/v1/log",
				       .last_id = h->count > 0
						      ? h->id[h->count - 1]
						      : NULL };

	face_turn(&l->face);
	l->read = 0;
	l->since_ms = world_mono_ms();
	l->heard.returns += h->count > 0;
	face_ask(&l->face, s->world, &r, on_end, l);
}

void
watchers_turn(struct watchers *s)
{
	int64_t now = world_mono_ms();

	for (size_t i = 0; i < WATCHERS && !s->left; i++) {
		struct watcher *l = &s->one[i];

		if (l->face.busy)
			take_events(l);
		if (l->face.busy && now - l->since_ms > SILENT_MS) {
			crowd_drop(s->world->crowd, l->face.web[l->face.at]);
			l->face.busy = false;
		}
		if (!l->face.busy && now >= l->next_ms)
			connect_to_next(s, l);
	}
}

bool
watchers_reached(const struct watchers *s, const char *id)
{
	for (size_t i = 0; i < WATCHERS; i++) {
		const struct heard *h = &s->one[i].heard;

		if (h->count == 0 || log_id_order(h->id[h->count - 1], id) < 0)
			return false;
	}
	return true;
}

void
watchers_leave(struct watchers *s)
{
	s->left = true;
	for (size_t i = 0; i < WATCHERS; i++) {
		struct face *f = &s->one[i].face;

		if (f->busy)
			crowd_drop(s->world->crowd, f->web[f->at]);
		f->busy = false;
	}
}

const struct heard *
watchers_heard(const struct watchers *s, size_t i)
{
	return &s->one[i].heard;
}
