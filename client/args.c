#include "client/args.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/buf.h"

struct option_row {
	const char *text;
	char letter;
	const char *value;
	const char *meaning;
};

#define OPTION(name, text, letter, value, meaning) \
	{ text, letter, value, meaning },
static const struct option_row rows[OPT_COUNT] = {
#include "client/options.def"
};
#undef OPTION

#define FIRST_LONG 1000

static void
make_tables(struct option *longs, char *shorts)
{
	int i;

	*shorts++ = ':';
	for (i = 0; i < OPT_COUNT; i++) {
		longs[i].name = rows[i].text;
		longs[i].has_arg = rows[i].value != NULL;
		longs[i].flag = NULL;
		longs[i].val = FIRST_LONG + i;
		if (rows[i].letter == 0)
			continue;
		*shorts++ = rows[i].letter;
		if (rows[i].value != NULL)
			*shorts++ = ':';
	}
	memset(&longs[OPT_COUNT], 0, sizeof longs[OPT_COUNT]);
	*shorts = '\0';
}

static int
find_letter(int letter)
{
	int i;

	for (i = 0; i < OPT_COUNT; i++)
		if (rows[i].letter != 0 && rows[i].letter == letter)
			return i;
	return -1;
}

int
args_read(struct args *a, int argc, char **argv, char *why, size_t size)
{
	struct option longs[OPT_COUNT + 1];
	char shorts[2 * OPT_COUNT + 2];
	int c;

	memset(a, 0, sizeof *a);
	make_tables(longs, shorts);
	opterr = 0;
	optind = 0; /* start anew: tests read more than one line */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const char *given = optind > 0 ? argv[optind - 1] : "";
		int i = c >= FIRST_LONG ? c - FIRST_LONG : find_letter(c);

		if (c == '?' || c == ':' || i < 0) {
			snprintf(why, size, "%s%s%s",
				 c == ':' ? "" : "there is no option ", given,
				 c == ':' ? " needs a value" : "");
			return -1;
		}
		a->option[i] = rows[i].value != NULL ? optarg : "";
	}
	a->word = argv + optind;
	a->count = argc - optind;
	return 0;
}

const char *
args_refused(const struct args *a, uint64_t allowed)
{
	int i;

	for (i = 0; i < OPT_COUNT; i++)
		if (a->option[i] != NULL && (allowed & UINT64_C(1) << i) == 0)
			return rows[i].text;
	return NULL;
}

void
args_list(char *buf, size_t size, uint64_t set)
{
	size_t len = 0;
	int i, n;

	buf[0] = '\0';
	for (i = 0; i < OPT_COUNT; i++) {
		if ((set & UINT64_C(1) << i) == 0)
			continue;
		n = snprintf(buf + len, size - len, "%s--%s%s%s",
			     len > 0 ? ", " : "", rows[i].text,
			     rows[i].value != NULL ? " " : "",
			     rows[i].value != NULL ? rows[i].value : "");
		if (n < 0 || (size_t)n >= size - len)
			return;
		len += (size_t)n;
	}
}

bool
args_describe(uint64_t set, int which, char *buf, size_t size,
	      const char **ret_meaning)
{
	char letter[8] = "";
	int i;

	for (i = 0; i < OPT_COUNT; i++) {
		if ((set & UINT64_C(1) << i) == 0 || which-- > 0)
			continue;
		if (rows[i].letter != 0)
			snprintf(letter, sizeof letter, "-%c, ",
				 rows[i].letter);
		snprintf(buf, size, "%s--%s%s%s", letter, rows[i].text,
			 rows[i].value != NULL ? " " : "",
			 rows[i].value != NULL ? rows[i].value : "");
		*ret_meaning = rows[i].meaning;
		return true;
	}
	return false;
}

static bool
is_uuid(const char *s)
{
	size_t i;

	if (strlen(s) != 36)
		return false;
	for (i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-'
			 : strchr("0123456789abcdefABCDEF", s[i]) == NULL)
			return false;
	}
	return true;
}

bool
args_is_item(const char *s)
{
	if (strcmp(s, "held") == 0 || is_uuid(s))
		return true;
	if (*s == '#')
		s++;
	return *s != '\0' && strspn(s, "0123456789") == strlen(s);
}

const char *
args_item(const char *s)
{
	return *s == '#' ? s + 1 : s;
}

char *
args_join(const struct args *a, int from)
{
	struct buf b = { 0 };
	int i;

	buf_str(&b, "");
	for (i = from; i < a->count; i++) {
		if (i > from)
			buf_str(&b, " ");
		buf_str(&b, a->word[i]);
	}
	return b.data;
}
