#include "daemon/base/confwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define NAME_MAX_ 40

void
confwords_section(char *buf, size_t size, const cfg_t *sec)
{
	if (sec->title == NULL)
		(void)snprintf(buf, size, "the file");
	else
		(void)snprintf(buf, size, "%s \"%.64s\"", sec->name,
			       sec->title);
}

void
confwords_quoted(char *buf, size_t size, const char *message)
{
	const char *s = strchr(message, '\'');
	const char *end = s != NULL ? strrchr(s + 1, '\'') : NULL;

	if (end == NULL)
		(void)snprintf(buf, size, "?");
	else
		(void)snprintf(buf, size, "%.*s", (int)(end - s - 1), s + 1);
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters must change to make b of a. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_], n = strlen(b);

	if (strlen(a) >= NAME_MAX_ || n >= NAME_MAX_)
		return NAME_MAX_;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = least(least(row[j], row[j - 1]) + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

char *
confwords_unknown(const cfg_t *sec, const char *name, const char *hidden,
		  bool astray)
{
	char where[120], *ret;
	struct text known = { 0 };
	const char *near = NULL;
	size_t best = 3;

	confwords_section(where, sizeof where, sec);
	if (astray)
		return text_print("\"%s\" does not belong into %s: is the "
				  "closing brace } of that missing above this "
				  "line?",
				  name, where);
	for (const cfg_opt_t *o = sec->opts; o->name != NULL; o++) {
		size_t d = distance(name, o->name);

		if (strcmp(o->name, hidden) == 0)
			continue;
		text_addf(&known, "%s%s", known.len > 0 ? ", " : "", o->name);
		if (d < best) {
			best = d;
			near = o->name;
		}
	}
	if (near != NULL)
		ret = text_print("\"%.60s\" is not an option of %s; did you "
				 "mean \"%s\"?",
				 name, where, near);
	else
		ret = text_print("\"%.60s\" is not an option of %s; these "
				 "are: %s.",
				 name, where,
				 known.data != NULL ? known.data : "none");
	text_done(&known);
	return ret;
}

char *
confwords_syntax(const char *message)
{
	/* before NAME after: theirs is how the message of libConfuse begins */
	static const struct {
		const char *theirs, *before, *after;
	} words[] = {
		{ "missing equal sign after option",
		  "an equals sign is missing after \"", "\"." },
		{ "missing title for section", "the section \"",
		  "\" needs a name in quotes behind it." },
		{ "missing opening brace for section",
		  "the opening brace { of this \"", "\" is missing." },
		{ "found duplicate title", "\"",
		  "\" stands here for the second time; give it another "
		  "name or remove one." },
		{ "unexpected closing brace",
		  "this closing brace } closes nothing.", NULL },
		{ "attempt to append to non-list option", "\"",
		  "\" takes one value, so \"+=\" cannot be used." },
		{ "unexpected token", "\"",
		  "\" is not expected here; look for a missing quote, comma "
		  "or brace just before it." },
	};
	char name[80];

	confwords_quoted(name, sizeof name, message);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *after = words[i].after;

		if (strncmp(message, words[i].theirs,
			    strlen(words[i].theirs)) == 0)
			return text_print("%s%s%s", words[i].before,
					  after != NULL ? name : "",
					  after != NULL ? after : "");
	}
	return text_print("this cannot be understood: %.200s.", message);
}
