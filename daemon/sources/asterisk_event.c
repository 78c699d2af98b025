#include "daemon/sources/asterisk_event.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/sources/asterisk_calls.h"
#include "daemon/sources/asterisk_table.h"

#define TEXT_MOST 200 /* bytes: of a name, a number, a queue */
#define DIALLED_MOST 32

/* See asterisk_calls.h: what queue_log knows, then what it does not. */
static char *
call_id(const struct call *c)
{
	const struct caller *w = &c->who;

	if (w->waiter == NULL)
		return text_print("%s/0", c->node.id);
	if (w->visit > 1)
		return text_print("%s/%u", w->waiter, w->visit);
	return text_dup(w->waiter);
}

static struct record *
event_of(const struct call *c, const char *type, int64_t time_ms)
{
	const struct caller *w = &c->who;
	struct record *e = record_new();
	char *id = call_id(c);

	record_set(e, "type", type);
	record_set(e, "id", id);
	record_set(e, "call", id);
	free(id);
	record_set(e, "from", w->number != NULL ? w->number : "");
	record_set(e, "to", w->to);
	record_set(e, "name", w->name);
	record_set(e, "queue", w->queue);
	record_set(e, "language", w->language);
	record_set_int(e, "time", time_ms);
	return e;
}

/* As far as is known how long he waited. */
static int64_t
waited_s(const struct caller *w, int64_t until_ms)
{
	int64_t end = w->left_ms > 0 ? w->left_ms : until_ms;

	if (w->joined_ms > 0 && end >= w->joined_ms)
		return (end - w->joined_ms) / 1000;
	return w->hold_s;
}

void
asterisk_tell_missed(const struct tracker_options *o, const struct call *c,
		     int64_t time_ms)
{
	struct record *e = event_of(c, "call.missed", time_ms);
	int64_t waited = waited_s(&c->who, time_ms);

	if (waited >= 0)
		record_set_int(e, "waited_s", waited);
	o->event(o->cookie, e);
}

void
asterisk_tell_talking(const struct tracker_options *o, const struct call *c,
		      int64_t time_ms)
{
	o->event(o->cookie, event_of(c, "call.talking", time_ms));
}

void
asterisk_tell_answered(const struct tracker_options *o, const struct call *c,
		       int64_t talked_ms)
{
	struct record *e = event_of(c, "call.answered", c->who.began_ms);

	record_set_int(e, "talked_s", talked_ms / 1000);
	o->event(o->cookie, e);
}

/* ---- texts -------------------------------------------------------------- */

/* SIP's own \" inside of what ast_escape_c made of it: \\\" is a quote. */
static void
unescape(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (*s != '\\' || s[1] == '\0') {
			*to++ = *s++;
			continue;
		}
		s++;
		if (*s != '\0' && strchr("abfnrtv", *s) != NULL)
			*to++ = ' '; /* a control character it was */
		else
			*to++ = *s;
		s++;
	}
	*to = '\0';
}

char *
asterisk_text(const char *value)
{
	size_t len = strlen(value);
	char *s;

	if (len > TEXT_MOST) {
		len = TEXT_MOST; /* not within a character */
		while (len > 0 && ((unsigned char)value[len] & 0xc0) == 0x80)
			len--;
	}
	if (len == 0 || strcmp(value, "<unknown>") == 0)
		return NULL;
	s = text_dup_n(value, len);
	if (strchr(s, '\\') != NULL)
		unescape(s);
	if (strstr(s, "\\\"") != NULL)
		unescape(s);
	return s;
}

char *
asterisk_dialled(const char *value)
{
	const char *digits = *value == '+' ? value + 1 : value;
	size_t len = strlen(digits);

	if (len == 0 || len > DIALLED_MOST ||
	    strspn(digits, "0123456789") != len)
		return NULL;
	return text_dup(value);
}
