#include "client/history.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/words.h"

/* "no-answer wants a mail": the code, then what was noted. */
static void
outcome_text(char *buf, size_t size, const char *text)
{
	size_t len = strcspn(text, " ");
	const char *rest = text + len + (text[len] == ' ');
	char first[64], code[64];

	snprintf(first, sizeof first, "%.*s", len < 60 ? (int)len : 60, text);
	words_code(code, sizeof code, first);
	snprintf(buf, size, "%s%s%s", code, *rest != '\0' ? ": " : "", rest);
}

/* "billing about an invoice": where to, then what was noted. */
static void
moved_text(char *buf, size_t size, const char *text)
{
	size_t len = strcspn(text, " ");
	const char *rest = text + len + (text[len] == ' ');

	snprintf(buf, size, "moved %s%.*s%s%s",
		 strncmp(text, "up", len) == 0 ? "" : "to ",
		 len < 200 ? (int)len : 200, text, *rest != '\0' ? ": " : "",
		 rest);
}

/* "call.missed", or a sentence of the daemon's. */
static void
event_text(char *buf, size_t size, const char *text)
{
	char *dot;

	snprintf(buf, size, "%s", text);
	dot = strchr(buf, '.');
	if (dot != NULL && dot[1] != '\0' && strchr(buf, ' ') == NULL)
		*dot = ' ';
}

/* Of the others the kind is a part of what is said. */
static void
entry_text(char *buf, size_t size, const json_t *h)
{
	const char *type = field_str(h, "type"), *text = field_str(h, "text");
	char words[64];

	words_code(words, sizeof words, type);
	if (strcmp(type, "released") == 0)
		snprintf(words, sizeof words, "given back");
	if (strcmp(type, "event") == 0 && *text != '\0')
		event_text(buf, size, text);
	else if (strcmp(type, "outcome") == 0 && *text != '\0')
		outcome_text(buf, size, text);
	else if (strcmp(type, "undone") == 0) {
		words_code(words, sizeof words, text);
		snprintf(buf, size, "undone: %s", words);
	} else if (strcmp(type, "moved") == 0)
		moved_text(buf, size, text);
	else
		snprintf(buf, size, "%s%s%s", words,
			 *words != '\0' && *text != '\0' ? ": " : "", text);
}

void
history_print(struct page *p, const json_t *card)
{
	const json_t *list = field_list(card, "history");
	char at[32], text[2048];
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *h = json_array_get(list, i);
		int64_t ms = field_time(h, "at");

		if (ms >= 0)
			clock_stamp(at, sizeof at, ms);
		page_at(p, 1);
		page_put(p, PAGE_PLAIN, "%s", ms >= 0 ? at : "");
		page_at(p, 15);
		page_put(p, PAGE_PLAIN, "%s", field_str(h, "actor"));
		page_at(p, 24);
		entry_text(text, sizeof text, h);
		page_wrap(p, text, 6);
		page_end(p);
	}
}

void
history_last(char *buf, size_t size, const json_t *card)
{
	const json_t *list = field_list(card, "history");
	size_t n = json_array_size(list);
	const json_t *h = n > 0 ? json_array_get(list, n - 1) : NULL;
	char text[200];

	buf[0] = '\0';
	if (h == NULL)
		return;
	entry_text(text, sizeof text, h);
	snprintf(buf, size, "%s%s%s", text,
		 field_has(h, "actor") ? ", by " : "", field_str(h, "actor"));
}
