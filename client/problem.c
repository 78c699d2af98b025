#include "client/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/page.h"

int
problem_is_junk(const struct answer *a)
{
	return a->status != 0 && a->status != 204 && !json_is_object(a->json) &&
	       (answer_ok(a) || a->status < 400);
}

static void
role_sentence(char *buf, size_t size, const json_t *j)
{
	snprintf(buf, size, "this needs the role %s; you are %s%s%s.",
		 field_str(j, "role_needed"),
		 field_has(j, "name") ? field_str(j, "name") : "somebody else",
		 field_has(j, "role") ? ", with the role " : "",
		 field_str(j, "role"));
}

static void
away_sentence(char *buf, size_t size, const json_t *j)
{
	int64_t since = field_time(j, "away_since");
	char at[16];

	if (since < 0) {
		snprintf(buf, size, "the service is away for the moment.");
		return;
	}
	clock_seconds(at, sizeof at, since);
	snprintf(
	    buf, size,
	    "Redis is away since %s; nothing can be handed out until then.",
	    at);
}

void
problem_sentence(char *buf, size_t size, const struct answer *a)
{
	const json_t *j = a->json;

	if (a->status == 0)
		snprintf(buf, size, "%s", a->fault);
	else if (problem_is_junk(a))
		snprintf(buf, size,
			 "what answers there is not ringbackd (HTTP %d)",
			 a->status);
	else if (a->status == 503 && field_has(j, "away_since"))
		away_sentence(buf, size, j);
	else if (field_has(j, "detail"))
		snprintf(buf, size, "%s", field_str(j, "detail"));
	else if (field_has(j, "role_needed"))
		role_sentence(buf, size, j);
	else if (a->status == 503)
		away_sentence(buf, size, j);
	else if (field_has(j, "title"))
		snprintf(buf, size, "%s", field_str(j, "title"));
	else
		snprintf(buf, size, "the daemon refused it (HTTP %d)",
			 a->status);
}

static void add_line(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
add_line(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
	len = strlen(buf);
	if (len + 1 < size)
		memcpy(buf + len, "\n", 2);
}

/* What the sentence says already is not said again. */
static void
add_errors(char *buf, size_t size, const json_t *errors, const char *said)
{
	size_t i;

	for (i = 0; i < json_array_size(errors) && i < 10; i++) {
		const json_t *e = json_array_get(errors, i);

		if (!field_has(e, "detail") ||
		    strstr(said, field_str(e, "detail")) != NULL)
			continue;
		add_line(buf, size, "%s%s%s", field_str(e, "pointer"),
			 field_has(e, "pointer") ? ": " : "",
			 field_str(e, "detail"));
	}
}

/* What works meanwhile: calls are taken in, and the agent may go on. */
static void
add_meanwhile(char *buf, size_t size, const json_t *j)
{
	const json_t *held = field_obj(j, "held");
	char who[300] = "";

	if (field_int(j, "kept", -1) >= 0)
		add_line(buf, size,
			 "Missed calls are still taken in and kept (%lld so "
			 "far).",
			 (long long)field_int(j, "kept", 0));
	else
		add_line(
		    buf, size,
		    "Missed calls cannot be kept meanwhile: who sends them "
		    "has to send them again.");
	if (held == NULL)
		return;
	snprintf(who, sizeof who, "%lld%s%.200s",
		 (long long)field_int(held, "number", 0),
		 field_has(held, "name") ? " " : "", field_str(held, "name"));
	add_line(buf, size, "You hold %s%s%s: go on, and record it then.", who,
		 field_has(held, "phone") ? ", " : "",
		 field_str(held, "phone"));
}

void
problem_help(char *buf, size_t size, const struct answer *a)
{
	const json_t *j = a->json;
	char members[256];

	buf[0] = '\0';
	if (a->status == 0) {
		if (*a->help != '\0')
			add_line(buf, size, "%s", a->help);
		return;
	}
	if (a->status == 503 && field_has(j, "away_since"))
		add_meanwhile(buf, size, j);
	add_errors(buf, size, field_list(j, "errors"), field_str(j, "detail"));
	if (field_has(j, "help")) {
		add_line(buf, size, "%s", field_str(j, "help"));
		return;
	}
	field_join(members, sizeof members, field_list(j, "members"));
	if (field_has(j, "group") && *members != '\0')
		add_line(buf, size, "Ask one of the group %s: %s.",
			 field_str(j, "group"), members);
	else if (field_has(j, "group"))
		add_line(buf, size, "Ask somebody of the group %s.",
			 field_str(j, "group"));
}

void
problem_tell(const struct answer *a)
{
	char sentence[2048], help[4096], clean[2048];
	struct page p;
	char *line, *rest;

	problem_sentence(sentence, sizeof sentence, a);
	problem_say("%s", sentence);
	problem_help(help, sizeof help, a);
	page_init(&p, stderr, STDERR_FILENO);
	for (line = help; *line != '\0'; line = rest) {
		rest = line + strcspn(line, "\n");
		if (*rest != '\0')
			*rest++ = '\0';
		page_clean(&p, clean, sizeof clean, line);
		fprintf(stderr, "  %s\n", clean);
	}
}

void
problem_say(const char *fmt, ...)
{
	char raw[2048], clean[2048];
	struct page p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	page_init(&p, stderr, STDERR_FILENO);
	page_clean(&p, clean, sizeof clean, raw);
	fprintf(stderr, "ringback: %s\n", clean);
}
