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
#define MOST_QUEUES 100 /* of one agent */

/*
 * An agent
 *	asterisk_pause_set	waits for his turn
 *	ask			QueueStatus of his interface
 *	on_listed		the queues in which something is to be done
 *	on_asked		QueuePause in each; the next agent
 */
struct member {
	TAILQ_ENTRY(member) all;
	char *interface; /* owned: "PJSIP/1001" */
	bool paused;     /* as he is to be */
};

struct asterisk_pause {
	struct ami *ami;
	char *source; /* owned */
	TAILQ_HEAD(, member) waiting;
	size_t count;
	struct member *now;        /* owned; who is asked for; NULL: nobody */
	char *queues[MOST_QUEUES]; /* owned; his */
	size_t queue_count;
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

static void
forget_queues(struct asterisk_pause *a)
{
	while (a->queue_count > 0)
		free(a->queues[--a->queue_count]);
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
set_in(struct asterisk_pause *a, const char *queue)
{
	const struct ami_header headers[] = {
		{ "Queue", queue },
		{ "Interface", a->now->interface },
		{ "Paused", a->now->paused ? "true" : "false" },
		{ "Reason", REASON },
	};
	const struct ami_act act = { .action = "QueuePause",
				     .headers = headers,
				     .count = 4,
				     .answered = on_paused,
				     .cookie = a };

	(void)ami_act(a->ami, &act);
}

/* Its own words, but of a bounded kind: they are sent back. */
static bool
is_queue(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789._@-");

	return n > 0 && n <= 80 && s[n] == '\0';
}

static void
on_listed(void *cookie, const struct ami_packet *p)
{
	struct asterisk_pause *a = cookie;
	const char *queue = ami_get(p, "Queue");
	bool paused = strcmp(ami_get(p, "Paused"), "1") == 0;
	bool ours = strcmp(ami_get(p, "PausedReason"), REASON) == 0;

	if (strcmp(p->what, "QueueMember") != 0 || a->now == NULL ||
	    strcmp(ami_get(p, "Location"), a->now->interface) != 0 ||
	    !is_queue(queue) || a->queue_count == MOST_QUEUES)
		return;
	if (a->now->paused ? !paused : paused && ours)
		a->queues[a->queue_count++] = text_dup(queue);
}

static void
on_asked(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct asterisk_pause *a = cookie;

	if (end == AMI_REFUSED)
		on_paused(a, end, p);
	for (size_t i = 0; end == AMI_DONE && i < a->queue_count; i++)
		set_in(a, a->queues[i]);
	forget_queues(a);
	member_free(a->now);
	a->now = NULL;
	if (end == AMI_LOST)
		asterisk_pause_lost(a);
	ask(a);
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

	if (a->now != NULL || m == NULL)
		return;
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
	struct member *m;

	TAILQ_FOREACH(m, &a->waiting, all)
	{
		if (strcmp(m->interface, interface) == 0) {
			free(interface);
			return m;
		}
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
	ask(a);
}

void
asterisk_pause_lost(struct asterisk_pause *a)
{
	struct member *m;

	a->told = false;
	while ((m = TAILQ_FIRST(&a->waiting)) != NULL) {
		TAILQ_REMOVE(&a->waiting, m, all);
		member_free(m);
	}
	a->count = 0;
}

struct asterisk_pause *
asterisk_pause_new(struct ami *ami, const char *source)
{
	struct asterisk_pause *a = text_alloc(sizeof *a);

	a->ami = ami;
	a->source = text_dup(source);
	TAILQ_INIT(&a->waiting);
	return a;
}

void
asterisk_pause_free(struct asterisk_pause *a)
{
	if (a == NULL)
		return;
	asterisk_pause_lost(a);
	forget_queues(a);
	member_free(a->now);
	free(a->source);
	free(a);
}
