#include "daemon/sources/freeswitch_pause.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/dialstring.h"
#include "daemon/sources/esl.h"
#include "daemon/sources/turns.h"

#define ON_BREAK "On Break"

/*
 * An agent
 *	freeswitch_pause_set	waits for his turn
 *	on_status		how he stands
 *	on_mark			whose break it is; On Break, or Available
 *	on_set			the next agent
 */
struct freeswitch_pause {
	struct esl *esl;
	char *source; /* owned */
	struct turns turns;
	bool told; /* that it is refused; once a session */
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
done(struct freeswitch_pause *f)
{
	turns_over(&f->turns);
	ask_status(f);
}

static void
ask(struct freeswitch_pause *f, char *command, esl_answered *answered)
{
	const struct esl_ask what = { .command = command,
				      .answered = answered,
				      .cookie = f };

	if (esl_ask(f->esl, &what) < 0)
		turns_over(&f->turns);
	free(command);
}

static void
ask_status(struct freeswitch_pause *f)
{
	if (turns_next(&f->turns))
		ask(f,
		    text_print("callcenter_config agent get status %s",
			       f->turns.now->name),
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
	if (f->turns.now == NULL || end != ESL_DONE ||
	    !begins(said, f->turns.now->paused ? "Available" : ON_BREAK)) {
		done(f);
		return;
	}
	if (f->turns.now->paused)
		ask(f,
		    text_print("global_setvar " FREESWITCH_BREAK "%s=%s",
			       f->turns.now->phone,
			       begins(said, "Available (") ? "demand"
							   : "plain"),
		    on_mark);
	else
		ask(f,
		    text_print("global_getvar " FREESWITCH_BREAK "%s",
			       f->turns.now->phone),
		    on_mark);
}

static void
on_mark(void *cookie, enum esl_end end, const char *said)
{
	struct freeswitch_pause *f = cookie;
	bool demand = begins(said, "demand");
	const char *status = ON_BREAK;

	if (f->turns.now == NULL || end != ESL_DONE ||
	    (!f->turns.now->paused && !demand && !begins(said, "plain"))) {
		done(f);
		return;
	}
	if (!f->turns.now->paused)
		status = demand ? "Available (On Demand)" : "Available";
	ask(f,
	    text_print("callcenter_config agent set status %s '%s'",
		       f->turns.now->name, status),
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
	if (f->turns.now != NULL && !f->turns.now->paused && end == ESL_DONE) {
		(void)snprintf(command, sizeof command,
			       "global_setvar " FREESWITCH_BREAK "%s=",
			       f->turns.now->phone);
		what.command = command;
		(void)esl_ask(f->esl, &what);
	}
	done(f);
}

void
freeswitch_pause_set(struct freeswitch_pause *f, const struct policy_source *s,
		     const char *phone, bool paused)
{
	const char *pattern = *s->member != '\0' ? s->member : "{phone}";

	if (!dialstring_is_phone(phone) || !esl_is_up(f->esl))
		return;
	if (turns_add(&f->turns, pattern, phone, paused))
		ask_status(f);
}

void
freeswitch_pause_end(struct freeswitch_pause *f)
{
	if (!esl_is_up(f->esl)) {
		turns_hold_nobody(&f->turns);
		return;
	}
	turns_release(&f->turns);
	ask_status(f);
}

void
freeswitch_pause_lost(struct freeswitch_pause *f)
{
	f->told = false;
	turns_forget(&f->turns);
}

struct freeswitch_pause *
freeswitch_pause_new(struct esl *esl, const char *source)
{
	struct freeswitch_pause *f = text_alloc(sizeof *f);

	f->esl = esl;
	f->source = text_dup(source);
	turns_init(&f->turns);
	return f;
}

void
freeswitch_pause_free(struct freeswitch_pause *f)
{
	if (f == NULL)
		return;
	turns_done(&f->turns);
	free(f->source);
	free(f);
}
