/* What the library and the daemon ask of Redis, what they make sure of before
 * the first call, and what ringbackd(8) tells people to allow: one list in
 * three places. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define LEAST_COMMANDS 40

static char *
read_all(const char *path)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	cr_assert_not_null(f, "%s", path);
	cr_assert_gt(getdelim(&text, &size, '\0', f), 0, "%s", path);
	(void)fclose(f);
	return text;
}

/* All files of a kind, one after the other; free(). */
static char *
read_kind(const char *pattern)
{
	struct text all = { 0 };
	glob_t g;

	cr_assert_eq(glob(pattern, 0, NULL, &g), 0, "%s", pattern);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *one = read_all(g.gl_pathv[i]);

		text_add_str(&all, one);
		free(one);
	}
	globfree(&g);
	return all.data;
}

/* The next word in capitals between quotes: its length, 0 where there is none;
 * *at moves behind it. */
static size_t
next_command(const char **at, const char *before, char quote, char *ret)
{
	const char *p;

	while ((p = strstr(*at, before)) != NULL) {
		size_t n = 0;

		*at = p += strlen(before);
		while (isupper((unsigned char)p[n]) && n < 31)
			n++;
		if (n < 3 || p[n] != quote)
			continue;
		memcpy(ret, p, n);
		ret[n] = '\0';
		return n;
	}
	return 0;
}

static bool
is_made_sure_of(const char *rights, const char *command)
{
	const char *begin = strstr(rights, "local needed = {");
	const char *end = begin != NULL ? strstr(begin, "\n}") : NULL;
	char quoted[40];
	const char *found;

	cr_assert(begin != NULL && end != NULL);
	(void)snprintf(quoted, sizeof quoted, "'%s',", command);
	found = strstr(begin, quoted);
	return found != NULL && found < end;
}

/* "+info", "+function|load". */
static bool
is_allowed(const char *page, const char *command)
{
	const char *rule = strstr(page, "user ringback on ");
	char word[40];
	const char *found;

	cr_assert_not_null(rule);
	(void)snprintf(word, sizeof word, " +%s", command);
	for (char *c = word; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	found = strstr(rule, word);
	return found != NULL && found < strchr(rule, '\n') &&
	       strchr(" |\n", found[strlen(word)]) != NULL;
}

/* The next "root .. 'NAME'" of one key: its name. */
static bool
next_key(const char **at, char ret[40])
{
	static const char before[] = "root .. '";
	const char *p;

	while ((p = strstr(*at, before)) != NULL) {
		size_t n;

		*at = p += sizeof before - 1;
		n = strcspn(p, "'");
		if (n < 1 || n > 38 || memchr(p, ':', n) != NULL)
			continue;
		(void)snprintf(ret, 40, "%.*s", (int)n, p);
		return true;
	}
	return false;
}

/* Of what kind it is to be says foreign.lua; that one is only for tests. */
Test(rights, each_key_with_a_name_of_its_own_is_looked_at_for_others_writing)
{
	char *lua = read_kind("daemon/store/lua/*.lua");
	char *kinds = read_all("daemon/store/lua/foreign.lua");
	char name[40], entry[60];
	int count = 0;

	for (const char *at = lua; next_key(&at, name); count++) {
		(void)snprintf(entry, sizeof entry, " %s = '", name);
		cr_expect(strcmp(name, "virtual") == 0 ||
			      strstr(kinds, entry) != NULL,
			  "%s stands not in foreign.lua", name);
	}
	cr_expect_gt(count, LEAST_COMMANDS);
	free(lua);
	free(kinds);
}

Test(rights, whatever_the_library_calls_is_made_sure_of_first)
{
	char *lua = read_kind("daemon/store/lua/*.lua");
	char *rights = read_all("daemon/store/lua/rights.lua");
	const char *const before[] = { "redis.call('", "redis.pcall('",
				       "redis.call(on and '", " or '" };
	char command[32];
	int count = 0;

	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		for (const char *at = lua;
		     next_command(&at, before[i], '\'', command) > 0; count++)
			cr_expect(is_made_sure_of(rights, command),
				  "%s stands not in rights.lua", command);
	}
	cr_expect_gt(count, LEAST_COMMANDS);
	free(lua);
	free(rights);
}

/* AUTH needs no right, and SENTINEL is for sentinels. */
static bool
needs_none(const char *command)
{
	return strcmp(command, "AUTH") == 0 || strcmp(command, "SENTINEL") == 0;
}

Test(rights, whatever_the_links_send_is_made_sure_of_or_allowed_by_the_page)
{
	char *code = read_kind("daemon/store/*.c");
	char *rights = read_all("daemon/store/lua/rights.lua");
	char *page = read_all("daemon/ringbackd.8");
	const char *const before[] = { "= { \"", "call_add(c, \"" };
	char command[32];
	int count = 0;

	for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
		for (const char *at = code;
		     next_command(&at, before[i], '"', command) > 0; count++)
			cr_expect(needs_none(command) ||
				      is_made_sure_of(rights, command) ||
				      is_allowed(page, command),
				  "%s is not allowed by ringbackd(8)", command);
	}
	cr_expect_geq(count, 10);
	free(code);
	free(rights);
	free(page);
}
