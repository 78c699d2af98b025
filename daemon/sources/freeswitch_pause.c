#include "daemon/sources/freeswitch_pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl.h"

#define ON_BREAK "On Break"

/*
 * An agent
 *	freeswitch_pause_set	waits for his turn
 *	on_status		how he stands
 *	on_mark			whose break it is; On Break, or Available
 *	on_set			the next agent
 */
struct agent {
	TAILQ_ENTRY(agent) all;
	char *name; /* owned: as mod_callcenter knows him */
	char phone[DIALSTRING_DIGITS + 1];
	bool paused; /* as he is to be */
};

TAILQ_HEAD(agents, agent);

struct freeswitch_pause {
	struct esl *esl;
	char *source; /* owned */
	struct agents waiting;
	struct agents held; /* who is to be paused; without a name */
	size_t count;
	struct agent *now; /* owned; who is asked for; NULL: nobody */
	bool told;         /* that it is refused; once a session */
};
static void ask_status(struct freeswitch_pause *);
static void on_status(void *, enum esl_end, const char *);
static void on_mark(void *, enum esl_end, const char *);
static void on_set(void *, enum esl_end, const char *);

/* It is a word of a command. */
static bool
is_name(const char *s)
{
	return strpbrk(s, " \t'\"\\`|") == NULL;
}

int
freeswitch_pause_check(const struct policy_source *s, struct fault *fault)
{
	if (*s->member == '\0' ||
	    (is_name(s->member) && strstr(s->member, "{phone}") != NULL))
		return 0;
	fault_set(fault,
		  "source \"%s\": member needs the name of an agent of "
		  "mod_callcenter with {phone} and without blanks and quotes, "
		  "like \"{phone}@default\".",
		  s->name);
	return -1;
}

static void
agent_free(struct agent *a)
{
	if (a == NULL)
		return;
	free(a->name);
	free(a);
}

static void
done(struct freeswitch_pause *f)
{
	agent_free(f->now);
	f->now = NULL;
	ask_status(f);
}

static void
ask(struct freeswitch_pause *f, char *command, esl_answered *answered)
{
	const struct esl_ask what = { .command = command,
				      .answered = answered,
				      .cookie = f };

	if (esl_ask(f->esl, &what) < 0) {
		agent_free(f->now);
		f->now = NULL;
	}
	free(command);
}

static void
ask_status(struct freeswitch_pause *f)
{
	struct agent *a = TAILQ_FIRST(&f->waiting);

	if (f->now != NULL || a == NULL)
		return;
	TAILQ_REMOVE(&f->waiting, a, all);
	f->count--;
	f->now = a;
	ask(f, text_print("callcenter_config agent get status %s", a->name),
	    on_status);
}

static void
refused(struct freeswitch_pause *f, const char *said)
{
	char value[200];

	if (f->told)
		return;
	f->told = true;
	log_warn("source",
		 "agents are not paused source=%s said=%s (member of the "
		 "source says how mod_callcenter calls them, or "
		 "pause_agents = false)",
		 f->source, log_value(value, sizeof value, said));
}

static bool
begins(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

static void
on_status(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_pause *f = cookie;

	if (end == ESL_REFUSED)
		refused(f, said);
	/* Nothing to do where he is as he should be, or gone. */
	if (f->now == NULL || end != ESL_DONE ||
	    !begins(said, f->now->paused ? "Available" : ON_BREAK)) {
		done(f);
		return;
	}
	if (f->now->paused)
		ask(f,
		    text_print("global_setvar " FREESWITCH_BREAK "%s=%s",
			       f->now->phone,
			       begins(said, "Available (") ? "demand"
							   : "plain"),
		    on_mark);
	else
		ask(f,
		    text_print("global_getvar " FREESWITCH_BREAK "%s",
			       f->now->phone),
		    on_mark);
}

static void
on_mark(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_pause *f = cookie;
	bool demand = begins(said, "demand");
	const char *status = ON_BREAK;

	if (f->now == NULL || end != ESL_DONE ||
	    (!f->now->paused && !demand && !begins(said, "plain"))) {
		done(f);
		return;
	}
	if (!f->now->paused)
		status = demand ? "Available (On Demand)" : "Available";
	ask(f,
	    text_print("callcenter_config agent set status %s '%s'",
		       f->now->name, status),
	    on_set);
}

static void
on_set(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_pause *f = cookie;
	struct esl_ask what = { 0 };
	char command[80];

	if (end == ESL_REFUSED)
		refused(f, said);
	if (f->now != NULL && !f->now->paused && end == ESL_DONE) {
		(void)snprintf(
		    command, sizeof command,
		    "global_setvar " FREESWITCH_BREAK "%s=", f->now->phone);
		what.command = command;
		(void)esl_ask(f->esl, &what);
	}
	done(f);
}

static struct agent *
find(const struct agents *list, const char *phone)
{
	struct agent *a;

	TAILQ_FOREACH(a, list, all)
	{
		if (strcmp(a->phone, phone) == 0)
			return a;
	}
	return NULL;
}

static struct agent *
add(struct agents *list, const char *phone)
{
	struct agent *a = text_alloc(sizeof *a);

	(void)snprintf(a->phone, sizeof a->phone, "%s", phone);
	TAILQ_INSERT_TAIL(list, a, all);
	return a;
}

static void
forget_all(struct agents *list)
{
	struct agent *a;

	while ((a = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, a, all);
		agent_free(a);
	}
}

/* The one who waits already, or a new one; NULL: too many do. */
static struct agent *
agent_of(struct freeswitch_pause *f, const char *phone)
{
	struct agent *a = find(&f->waiting, phone);

	if (a != NULL || f->count == FREESWITCH_PAUSE_MOST)
		return a;
	f->count++;
	return add(&f->waiting, phone);
}

static void
hold(struct freeswitch_pause *f, const char *phone, bool paused)
{
	struct agent *a = find(&f->held, phone);

	if (paused && a == NULL) {
		(void)add(&f->held, phone);
	} else if (!paused && a != NULL) {
		TAILQ_REMOVE(&f->held, a, all);
		agent_free(a);
	}
}

void
freeswitch_pause_set(struct freeswitch_pause *f, const struct policy_source *s,
		     const char *phone, bool paused)
{
	const char *pattern = *s->member != '\0' ? s->member : "{phone}";
	struct agent *a;

	if (!dialstring_is_phone(phone) || !esl_is_up(f->esl))
		return;
	a = agent_of(f, phone);
	if (a == NULL)
		return;
	free(a->name);
	a->name = dialstring_phone(pattern, phone);
	a->paused = paused;
	hold(f, phone, paused);
	ask_status(f);
}

void
freeswitch_pause_end(struct freeswitch_pause *f, const struct policy_source *s)
{
	struct agent *a;

	while ((a = TAILQ_FIRST(&f->held)) != NULL) {
		TAILQ_REMOVE(&f->held, a, all);
		freeswitch_pause_set(f, s, a->phone, false);
		agent_free(a);
	}
}

void
freeswitch_pause_lost(struct freeswitch_pause *f)
{
	f->told = false;
	forget_all(&f->waiting);
	f->count = 0;
}

struct freeswitch_pause *
freeswitch_pause_new(struct esl *esl, const char *source)
{
	struct freeswitch_pause *f = text_alloc(sizeof *f);

	f->esl = esl;
	f->source = text_dup(source);
	TAILQ_INIT(&f->waiting);
	TAILQ_INIT(&f->held);
	return f;
}

void
freeswitch_pause_free(struct freeswitch_pause *f)
{
	if (f == NULL)
		return;
	freeswitch_pause_lost(f);
	forget_all(&f->held);
	agent_free(f->now);
	free(f->source);
	free(f);
}
