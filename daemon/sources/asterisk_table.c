#include "daemon/sources/asterisk_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/text.h"

/* ---- a hash table ------------------------------------------------------- */

/* FNV-1a: ids are Asterisk's own, no caller chooses them. */
static size_t
slot_of(const struct hash *h, const char *id)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (; *id != '\0'; id++)
		sum = (sum ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return (size_t)(sum ^ sum >> 32) & (h->size - 1);
}

static void
put(struct hash *h, struct node *n)
{
	struct node **slot = &h->slots[slot_of(h, n->id)];

	n->next = *slot;
	*slot = n;
}

static void
grow(struct hash *h)
{
	struct hash bigger = { .size = h->size > 0 ? 2 * h->size : 64,
			       .count = h->count };
	struct node *n, *next;

	bigger.slots = text_alloc(bigger.size * sizeof *bigger.slots);
	for (size_t i = 0; i < h->size; i++) {
		for (n = h->slots[i]; n != NULL; n = next) {
			next = n->next;
			put(&bigger, n);
		}
	}
	free(h->slots);
	*h = bigger;
}

static void
hash_add(struct hash *h, struct node *n, const char *id)
{
	if (h->count >= h->size)
		grow(h);
	n->id = text_dup(id);
	put(h, n);
	h->count++;
}

static struct node *
hash_find(const struct hash *h, const char *id)
{
	struct node *n = h->size > 0 ? h->slots[slot_of(h, id)] : NULL;

	while (n != NULL && strcmp(n->id, id) != 0)
		n = n->next;
	return n;
}

static void
hash_remove(struct hash *h, struct node *n)
{
	struct node **at = &h->slots[slot_of(h, n->id)];

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	h->count--;
	free(n->id);
}

/* ---- calls -------------------------------------------------------------- */

void
asterisk_caller_done(struct caller *w)
{
	free(w->waiter);
	free(w->leg);
	free(w->queue);
	free(w->number);
	free(w->name);
	free(w->language);
	free(w->to);
	free(w->partner);
	free(w->member);
	*w = (struct caller){ .visit = 1, .hold_s = -1 };
}

struct call *
asterisk_table_call(const struct asterisk_table *t, const char *linkedid)
{
	return (struct call *)(void *)hash_find(&t->calls, linkedid);
}

struct call *
asterisk_table_call_add(struct asterisk_table *t, const char *linkedid)
{
	struct call *c = text_alloc(sizeof *c);

	hash_add(&t->calls, &c->node, linkedid);
	c->who = (struct caller){ .visit = 1, .hold_s = -1 };
	c->older = t->newest;
	if (t->newest != NULL)
		t->newest->newer = c;
	else
		t->oldest = c;
	t->newest = c;
	t->loose++;
	return c;
}

void
asterisk_table_call_timed(struct asterisk_table *t, struct call *c, bool timed)
{
	if (c->timed == timed)
		return;
	c->timed = timed;
	if (timed) {
		c->timed_before = NULL;
		c->timed_after = t->timed;
		if (t->timed != NULL)
			t->timed->timed_before = c;
		t->timed = c;
		return;
	}
	if (c->timed_after != NULL)
		c->timed_after->timed_before = c->timed_before;
	if (c->timed_before != NULL)
		c->timed_before->timed_after = c->timed_after;
	else
		t->timed = c->timed_after;
}

void
asterisk_table_call_remove(struct asterisk_table *t, struct call *c)
{
	while (c->channels != NULL)
		asterisk_table_channel_remove(t, c->channels);
	asterisk_table_call_timed(t, c, false);
	t->loose--;
	if (c->older != NULL)
		c->older->newer = c->newer;
	else
		t->oldest = c->newer;
	if (c->newer != NULL)
		c->newer->older = c->older;
	else
		t->newest = c->older;
	hash_remove(&t->calls, &c->node);
	asterisk_caller_done(&c->who);
	free(c);
}

struct call *
asterisk_table_call_loose(const struct asterisk_table *t)
{
	struct call *c = t->loose > 0 ? t->oldest : NULL;

	while (c != NULL && c->channels != NULL)
		c = c->newer;
	return c;
}

void
asterisk_table_done(struct asterisk_table *t)
{
	while (t->oldest != NULL)
		asterisk_table_call_remove(t, t->oldest);
	free(t->calls.slots);
	free(t->channels.slots);
	free(t->bridges.slots);
	*t = (struct asterisk_table){ 0 };
}

/* ---- channels ----------------------------------------------------------- */

bool
asterisk_somebody(const char *name)
{
	static const char *const nobody[] = {
		"Local/",       "Message/",  "Surrogate/", "AsyncGoto/",
		"Snoop/",       "Recorder/", "Announcer/", "CBRec/",
		"CBAnn/",       "Bridge/",   "Parking/",   "UnicastRTP/",
		"MulticastRTP/"
	};

	for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
		if (strncasecmp(name, nobody[i], strlen(nobody[i])) == 0)
			return false;
	}
	return true;
}

struct channel *
asterisk_table_channel(const struct asterisk_table *t, const char *uniqueid)
{
	return (struct channel *)(void *)hash_find(&t->channels, uniqueid);
}

static void
link_to(struct asterisk_table *t, struct channel *ch, struct call *c)
{
	ch->call = c;
	ch->before = NULL;
	ch->after = c->channels;
	if (c->channels != NULL)
		c->channels->before = ch;
	c->channels = ch;
	if (c->channel_count++ == 0)
		t->loose--;
}

static void
unlink_from_call(struct asterisk_table *t, struct channel *ch)
{
	struct call *c = ch->call;

	if (ch->after != NULL)
		ch->after->before = ch->before;
	if (ch->before != NULL)
		ch->before->after = ch->after;
	else
		c->channels = ch->after;
	if (--c->channel_count == 0)
		t->loose++;
}

struct channel *
asterisk_table_channel_add(struct asterisk_table *t, struct call *c,
			   const char *uniqueid, const char *name)
{
	struct channel *ch = text_alloc(sizeof *ch);

	hash_add(&t->channels, &ch->node, uniqueid);
	ch->linked = text_dup(c->node.id);
	ch->somebody = asterisk_somebody(name);
	link_to(t, ch, c);
	return ch;
}

void
asterisk_table_channel_remove(struct asterisk_table *t, struct channel *ch)
{
	asterisk_table_leave(t, ch);
	unlink_from_call(t, ch);
	hash_remove(&t->channels, &ch->node);
	free(ch->linked);
	free(ch);
}

void
asterisk_table_channel_move(struct asterisk_table *t, struct channel *ch,
			    struct call *c)
{
	unlink_from_call(t, ch);
	link_to(t, ch, c);
}

/* ---- bridges ------------------------------------------------------------ */

void
asterisk_table_leave(struct asterisk_table *t, struct channel *ch)
{
	struct bridge *b = ch->bridge;

	if (b == NULL)
		return;
	ch->bridge = NULL;
	if (ch->bridge_after != NULL)
		ch->bridge_after->bridge_before = ch->bridge_before;
	if (ch->bridge_before != NULL)
		ch->bridge_before->bridge_after = ch->bridge_after;
	else
		b->channels = ch->bridge_after;
	if (b->channels != NULL)
		return;
	hash_remove(&t->bridges, &b->node);
	free(b);
}

void
asterisk_table_enter(struct asterisk_table *t, struct channel *ch,
		     const char *bridgeid)
{
	struct bridge *b;

	asterisk_table_leave(t, ch);
	b = (struct bridge *)(void *)hash_find(&t->bridges, bridgeid);
	if (b == NULL) {
		b = text_alloc(sizeof *b);
		hash_add(&t->bridges, &b->node, bridgeid);
	}
	ch->bridge = b;
	ch->bridge_before = NULL;
	ch->bridge_after = b->channels;
	if (b->channels != NULL)
		b->channels->bridge_before = ch;
	b->channels = ch;
}
