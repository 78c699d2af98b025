#include "daemon/sources/asterisk_pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/dialstring.h"

#define REASON "ringback"
#define MOST_PLACES 200

/*
 * An agent
 *	asterisk_pause_set	waits for his turn
 *	ask			QueueStatus of his interface
 *	on_listed		the queues in which something is to be done
 *	on_asked		QueuePause in each; the next agent
 * When all have had their turn, once a session: the pauses of ours that nobody
 * wants any more (his phone is another now, we were away when it ended)
 *	sweep			QueueStatus of all
 *	on_swept		QueuePause for each
 */
struct member {
	TAILQ_ENTRY(member) all;
	char *interface; /* owned: "PJSIP/1001" */
	bool paused;     /* as he is to be */
};

TAILQ_HEAD(members, member);

struct asterisk_pause {
	struct ami *ami;
	char *source; /* owned */
	struct members waiting;
	size_t count;
	struct member *now; /* owned; who is asked for; NULL: nobody */
	struct place {      /* in which something is to be done */
		char *queue, *interface; /* owned */
	} places[MOST_PLACES];
	size_t place_count;
	struct members held; /* who is to be paused */
	bool swept, sweeping;
	bool told; /* that it is not allowed; once a session */
};
static void ask(struct asterisk_pause *);

static void
member_free(struct member *m)
{
	if (m == NULL)
		return;
	free(m->interface);
	free(m);
}

static struct member *
find(const struct members *list, const char *interface)
{
	struct member *m;

	TAILQ_FOREACH(m, list, all)
	{
		if (strcmp(m->interface, interface) == 0)
			return m;
	}
	return NULL;
}

static void
forget_all(struct members *list)
{
	struct member *m;

	while ((m = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, m, all);
		member_free(m);
	}
}

static void
add_place(struct asterisk_pause *a, const char *queue, const char *interface)
{
	if (a->place_count == MOST_PLACES)
		return;
	a->places[a->place_count++] =
	    (struct place){ .queue = text_dup(queue),
			    .interface = text_dup(interface) };
}

static void
forget_places(struct asterisk_pause *a)
{
	while (a->place_count > 0) {
		a->place_count--;
		free(a->places[a->place_count].queue);
		free(a->places[a->place_count].interface);
	}
}

static void
on_paused(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct asterisk_pause *a = cookie;
	char value[200];

	if (end != AMI_REFUSED || a->told)
		return;
	a->told = true;
	log_warn("source",
		 "agents are not paused source=%s said=%s (its user needs "
		 "write = agent, or pause_agents = false)",
		 a->source,
		 log_value(value, sizeof value, ami_get(p, "Message")));
}

static void
set_all(struct asterisk_pause *a, bool paused)
{
	for (size_t i = 0; i < a->place_count; i++) {
		const struct ami_header headers[] = {
			{ "Queue", a->places[i].queue },
			{ "Interface", a->places[i].interface },
			{ "Paused", paused ? "true" : "false" },
			{ "Reason", REASON },
		};
		const struct ami_act act = { .action = "QueuePause",
					     .headers = headers,
					     .count = 4,
					     .answered = on_paused,
					     .cookie = a };

		(void)ami_act(a->ami, &act);
	}
}

/* Its own words, but of a bounded kind: they are sent back. */
static bool
is_word(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789._@/-");

	return n > 0 && n <= 80 && s[n] == '\0';
}

/* Is something to be done about him there? */
static bool
concerns(const struct asterisk_pause *a, const char *interface, bool paused,
	 bool ours)
{
	if (a->sweeping)
		return ours && find(&a->held, interface) == NULL;
	if (a->now == NULL || strcmp(interface, a->now->interface) != 0)
		return false;
	return a->now->paused ? !paused : ours;
}

static void
on_listed(void *cookie, const struct ami_packet *p)
{
	struct asterisk_pause *a = cookie;
	const char *queue = ami_get(p, "Queue");
	const char *interface = ami_get(p, "Location");
	bool paused = strcmp(ami_get(p, "Paused"), "1") == 0;
	bool ours = paused && strcmp(ami_get(p, "PausedReason"), REASON) == 0;

	if (strcmp(p->what, "QueueMember") == 0 && is_word(queue) &&
	    is_word(interface) && concerns(a, interface, paused, ours))
		add_place(a, queue, interface);
}

/* Both kinds of asking are over: what comes next. */
static void
go_on(struct asterisk_pause *a, enum ami_end end)
{
	forget_places(a);
	member_free(a->now);
	a->now = NULL;
	a->sweeping = false;
	if (end == AMI_LOST)
		asterisk_pause_lost(a);
	else
		ask(a);
}

static void
on_asked(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct asterisk_pause *a = cookie;

	if (end == AMI_REFUSED)
		on_paused(a, end, p);
	if (end == AMI_DONE && (a->sweeping || a->now != NULL))
		set_all(a, !a->sweeping && a->now->paused);
	go_on(a, end);
}

static void
sweep(struct asterisk_pause *a)
{
	const struct ami_act act = { .action = "QueueStatus",
				     .answered = on_asked,
				     .listed = on_listed,
				     .cookie = a };

	a->swept = true;
	a->sweeping = ami_act(a->ami, &act) == 0;
}

static void
ask(struct asterisk_pause *a)
{
	struct member *m = TAILQ_FIRST(&a->waiting);
	struct ami_header headers[1];
	const struct ami_act act = { .action = "QueueStatus",
				     .headers = headers,
				     .count = 1,
				     .answered = on_asked,
				     .listed = on_listed,
				     .cookie = a };

	if (a->now != NULL || a->sweeping)
		return;
	if (m == NULL) {
		if (!a->swept)
			sweep(a);
		return;
	}
	TAILQ_REMOVE(&a->waiting, m, all);
	a->count--;
	a->now = m;
	headers[0] = (struct ami_header){ "Member", m->interface };
	if (ami_act(a->ami, &act) == 0)
		return;
	a->now = NULL;
	member_free(m);
	asterisk_pause_lost(a);
}

/* The one who waits already, or a new one; NULL: too many do. */
static struct member *
member_of(struct asterisk_pause *a, char *interface)
{
	struct member *m = find(&a->waiting, interface);

	if (m != NULL) {
		free(interface);
		return m;
	}
	if (a->count == ASTERISK_PAUSE_MOST) {
		free(interface);
		return NULL;
	}
	m = text_alloc(sizeof *m);
	m->interface = interface;
	TAILQ_INSERT_TAIL(&a->waiting, m, all);
	a->count++;
	return m;
}

static void
hold(struct asterisk_pause *a, const char *interface, bool paused)
{
	struct member *m = find(&a->held, interface);

	if (paused && m == NULL) {
		m = text_alloc(sizeof *m);
		m->interface = text_dup(interface);
		TAILQ_INSERT_TAIL(&a->held, m, all);
	} else if (!paused && m != NULL) {
		TAILQ_REMOVE(&a->held, m, all);
		member_free(m);
	}
}

void
asterisk_pause_set(struct asterisk_pause *a, const struct policy_source *s,
		   const char *phone, bool paused)
{
	const char *pattern = *s->member != '\0' ? s->member : s->dial_agent;
	struct member *m;

	if (*pattern == '\0' || !dialstring_is_phone(phone) ||
	    !ami_is_up(a->ami))
		return;
	m = member_of(a, dialstring_phone(pattern, phone));
	if (m == NULL)
		return;
	m->paused = paused;
	hold(a, m->interface, paused);
	ask(a);
}

void
asterisk_pause_end(struct asterisk_pause *a)
{
	forget_all(&a->held);
	a->swept = false;
	if (ami_is_up(a->ami))
		ask(a);
}

void
asterisk_pause_lost(struct asterisk_pause *a)
{
	a->told = a->swept = false;
	forget_all(&a->waiting);
	a->count = 0;
}

struct asterisk_pause *
asterisk_pause_new(struct ami *ami, const char *source)
{
	struct asterisk_pause *a = text_alloc(sizeof *a);

	a->ami = ami;
	a->source = text_dup(source);
	TAILQ_INIT(&a->waiting);
	TAILQ_INIT(&a->held);
	return a;
}

void
asterisk_pause_free(struct asterisk_pause *a)
{
	if (a == NULL)
		return;
	asterisk_pause_lost(a);
	forget_all(&a->held);
	forget_places(a);
	member_free(a->now);
	free(a->source);
	free(a);
}
