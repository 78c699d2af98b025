#include "daemon/sources/asterisk_pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/ami.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/turns.h"

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
struct asterisk_pause {
	struct ami *ami;
	char *source; /* owned */
	struct turns turns;
	struct place {                   /* in which something is to be done */
		char *queue, *interface; /* owned */
	} places[MOST_PLACES];
	size_t place_count;
	bool swept, sweeping;
	bool told; /* that it is not allowed; once a session */
};
static void ask(struct asterisk_pause *);

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
		return ours && !turns_held(&a->turns, interface);
	if (a->turns.now == NULL || strcmp(interface, a->turns.now->name) != 0)
		return false;
	return a->turns.now->paused ? !paused : ours;
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
	turns_over(&a->turns);
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
	if (end == AMI_DONE && (a->sweeping || a->turns.now != NULL))
		set_all(a, !a->sweeping && a->turns.now->paused);
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
	struct ami_header headers[1];
	const struct ami_act act = { .action = "QueueStatus",
				     .headers = headers,
				     .count = 1,
				     .answered = on_asked,
				     .listed = on_listed,
				     .cookie = a };

	if (a->turns.now != NULL || a->sweeping)
		return;
	if (!turns_next(&a->turns)) {
		if (!a->swept)
			sweep(a);
		return;
	}
	headers[0] = (struct ami_header){ "Member", a->turns.now->name };
	if (ami_act(a->ami, &act) == 0)
		return;
	turns_over(&a->turns);
	asterisk_pause_lost(a);
}

void
asterisk_pause_set(struct asterisk_pause *a, const struct policy_source *s,
		   const char *phone, bool paused)
{
	const char *pattern = *s->member != '\0' ? s->member : s->dial_agent;

	if (*pattern == '\0' || !dialstring_is_phone(phone) ||
	    !ami_is_up(a->ami))
		return;
	if (turns_add(&a->turns, pattern, phone, paused))
		ask(a);
}

void
asterisk_pause_end(struct asterisk_pause *a)
{
	turns_hold_nobody(&a->turns);
	a->swept = false;
	if (ami_is_up(a->ami))
		ask(a);
}

void
asterisk_pause_lost(struct asterisk_pause *a)
{
	a->told = a->swept = false;
	turns_forget(&a->turns);
}

struct asterisk_pause *
asterisk_pause_new(struct ami *ami, const char *source)
{
	struct asterisk_pause *a = text_alloc(sizeof *a);

	a->ami = ami;
	a->source = text_dup(source);
	turns_init(&a->turns);
	return a;
}

void
asterisk_pause_free(struct asterisk_pause *a)
{
	if (a == NULL)
		return;
	forget_places(a);
	turns_done(&a->turns);
	free(a->source);
	free(a);
}
