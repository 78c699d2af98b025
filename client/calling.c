#include "client/calling.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/words.h"

static const char *const states[] = { "agent", "customer", "talking", "ended" };

#define STATES (sizeof states / sizeof states[0])

/* One row a result: what it says, and what may come next where the daemon
 * proposes nothing. */
static const struct {
	const char *result;
	const char *says; /* %s: the agent's phone */
	const char *next;
} results[] = {
	{ "talked", "Ended", "Next: ringback done -m TEXT." },
	{ "no-answer", "Nobody answered.", "Next: ringback done no-answer." },
	{ "busy", "Busy.", "Next: ringback done busy." },
	{ "bad-number", "There is no such number.",
	  "Next: ringback done bad-number." },
	{ "refused", "The call was refused there.",
	  "Once more: ringback call, or dial by hand. Where every call is "
	  "refused, your administrator has to see why." },
	{ "agent-no-answer", "Your phone%s was not picked up.",
	  "Once more: ringback call." },
	{ "agent-busy", "Your phone%s is busy.",
	  "Once more: ringback call. On another telephone: ringback call "
	  "--phone NUMBER." },
	{ "agent-away", "Your phone%s is not there, or it refused the call.",
	  "Is it switched on and logged in? Another telephone: ringback call "
	  "--phone NUMBER; for good: ringback agents phone NUMBER." },
	{ "given-up", "Hung up before anybody answered.",
	  "Once more: ringback call. Or: ringback done no-answer." },
	{ "lost",
	  "How the call ended is not known: the telephone system or the "
	  "daemon went away meanwhile.",
	  "If you talked: ringback done -m TEXT. If not: ringback call." },
};

static size_t
rank_of(const char *state)
{
	size_t i;

	for (i = 0; i < STATES && strcmp(states[i], state) != 0; i++)
		;
	return i;
}

static void
take(char *buf, size_t size, const json_t *o, const char *name)
{
	if (field_has(o, name))
		snprintf(buf, size, "%s", field_str(o, name));
}

/* It is shown as a command that one may type: nothing else is let through. */
static void
take_outcome(struct calling *c, const json_t *o)
{
	const char *s = field_str(o, "outcome");

	if (strlen(s) < sizeof c->outcome &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s))
		take(c->outcome, sizeof c->outcome, o, "outcome");
}

bool
calling_read(struct calling *c, const json_t *o)
{
	const char *state = field_str(o, "state"), *id = field_str(o, "call");
	bool other;

	if (*state == '\0' || (*id == '\0' && *c->id == '\0'))
		return false;
	if (*id != '\0' && strncmp(id, c->id, sizeof c->id - 1) != 0) {
		memset(c, 0, sizeof *c);
		snprintf(c->id, sizeof c->id, "%s", id);
		c->talked_s = -1;
	}
	if (rank_of(state) < rank_of(c->state) && *c->state != '\0')
		return false;
	other = strncmp(state, c->state, sizeof c->state - 1) != 0;
	if (other)
		c->since_ms = -1;
	snprintf(c->state, sizeof c->state, "%s", state);
	take(c->result, sizeof c->result, o, "result");
	take(c->phone, sizeof c->phone, o, "phone");
	take(c->to, sizeof c->to, o, "to");
	take(c->why, sizeof c->why, o, "why");
	take_outcome(c, o);
	if (field_time(o, "since") >= 0)
		c->since_ms = field_time(o, "since");
	c->talked_s = field_int(o, "talked_s", c->talked_s);
	return other;
}

bool
calling_has_ended(const struct calling *c)
{
	return *c->id != '\0' && strcmp(c->state, "ended") == 0;
}

bool
calling_goes_on(const struct calling *c)
{
	return *c->id != '\0' && !calling_has_ended(c);
}

bool
calling_talked(const struct calling *c)
{
	return strcmp(c->result, "talked") == 0;
}

/* Where the result says all, the system's words for it are only noise. */
static bool
why_helps(const struct calling *c)
{
	static const char *const plain[] = { "talked",     "no-answer",
					     "busy",       "given-up",
					     "agent-busy", "agent-no-answer" };
	size_t i;

	for (i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strcmp(plain[i], c->result) == 0)
			return false;
	return *c->why != '\0';
}

static void
says_ended(char *buf, size_t size, const struct calling *c)
{
	char text[300], talk[32], phone[32] = "";
	size_t i;

	snprintf(text, sizeof text, "Ended%s%.24s.",
		 *c->result != '\0' ? ": " : "", c->result);
	if (*c->phone != '\0')
		snprintf(phone, sizeof phone, " %s", c->phone);
	for (i = 0; i < sizeof results / sizeof results[0]; i++) {
		const char *says = results[i].says, *hole;

		if (strcmp(results[i].result, c->result) != 0)
			continue;
		hole = strstr(says, "%s");
		if (hole == NULL)
			snprintf(text, sizeof text, "%s", says);
		else
			snprintf(text, sizeof text, "%.*s%s%s",
				 (int)(hole - says), says, phone, hole + 2);
	}
	if (calling_talked(c)) {
		clock_talk(talk, sizeof talk, c->talked_s);
		snprintf(text, sizeof text, "Ended%s%s.",
			 c->talked_s >= 0 ? " after " : "",
			 c->talked_s >= 0 ? talk : "");
	}
	if (why_helps(c))
		snprintf(buf, size, "%s (%s)", text, c->why);
	else
		snprintf(buf, size, "%s", text);
}

/* As it is read out, where it is the item's own number. */
static const char *
number_of(const struct calling *c, const json_t *item)
{
	if (*c->to == '\0' || strcmp(c->to, field_str(item, "phone")) == 0)
		return words_phone(item);
	return c->to;
}

void
calling_says(char *buf, size_t size, const struct calling *c,
	     const json_t *item, int64_t now_ms)
{
	const char *who = words_who(item), *number = number_of(c, item);
	bool named = strcmp(who, words_phone(item)) != 0;
	char at[32] = "";

	if (c->since_ms >= 0)
		clock_at(at, sizeof at, c->since_ms, now_ms);
	if (strcmp(c->state, "agent") == 0)
		snprintf(buf, size, "Your phone%s%s is ringing.",
			 *c->phone != '\0' ? " " : "", c->phone);
	else if (strcmp(c->state, "customer") == 0)
		snprintf(buf, size, "Ringing %.200s%s%s.", named ? who : number,
			 named && *number != '\0' ? ", " : "",
			 named ? number : "");
	else if (strcmp(c->state, "talking") == 0)
		snprintf(buf, size, "Talking%s%s.",
			 *at != '\0' ? " since " : "", at);
	else if (calling_has_ended(c))
		says_ended(buf, size, c);
	else
		snprintf(buf, size, "The call: %s.", c->state);
}

void
calling_next(char *buf, size_t size, const struct calling *c)
{
	size_t i;

	if (strcmp(c->outcome, "done") == 0) {
		snprintf(buf, size,
			 "Next: ringback done -m TEXT, or ringback done "
			 "no-answer, later WHEN. A voicemail that answered is: "
			 "ringback done voicemail.");
		return;
	}
	if (*c->outcome != '\0') {
		snprintf(buf, size,
			 "Next: ringback done %s. Once more: ringback call.",
			 c->outcome);
		return;
	}
	snprintf(buf, size, "Next: ringback done. Once more: ringback call.");
	for (i = 0; i < sizeof results / sizeof results[0]; i++)
		if (strcmp(results[i].result, c->result) == 0)
			snprintf(buf, size, "%s", results[i].next);
}

void
calling_short(char *buf, size_t size, const json_t *calling)
{
	static const char *const words[] = { "your phone rings", "rings there",
					     "you talk now" };
	size_t rank = rank_of(field_str(calling, "state"));
	int64_t talked = field_int(calling, "talked_s", -1);
	char talk[32];

	if (rank < sizeof words / sizeof words[0]) {
		snprintf(buf, size, "%s", words[rank]);
		return;
	}
	words_code(buf, size, field_str(calling, "result"));
	if (strcmp(buf, "talked") != 0 || talked < 0)
		return;
	clock_talk(talk, sizeof talk, talked);
	snprintf(buf, size, "talked %s", talk);
}
