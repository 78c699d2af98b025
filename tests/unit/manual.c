/* The manual pages say what the tables say, and neither more nor less. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/access.h"
#include "daemon/api/table.h"
#include "daemon/base/text.h"
#include "daemon/policy/options.h"

#define OPTIONS_PAGE "conf/ringback.conf.5"
#define DAEMON_PAGE "daemon/ringbackd.8"
#define LUA_FOLDER "daemon/store/lua"

/* One ".It" of a page: its word or words, and the text below it. */
struct entry {
	char name[160];   /* "tier.callback" */
	struct text body; /* without quotes, braces, commas */
};

static struct entry entries[200];
static size_t entry_count;

static void
forget_entries(void)
{
	for (size_t i = 0; i < entry_count; i++)
		text_done(&entries[i].body);
	entry_count = 0;
}

static char *
read_file(const char *path)
{
	struct text t = { 0 };
	char chunk[4096];
	FILE *f = fopen(path, "re");
	size_t n;

	cr_assert_not_null(f, "%s: tests run in the root of the source", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		text_add(&t, chunk, n);
	(void)fclose(f);
	return text_take(&t);
}

/* Into the entry's text: { "30m", "2h" } becomes 30m 2h. */
static void
add_words(struct text *body, const char *line)
{
	for (; *line != '\0'; line++) {
		bool blank = body->len == 0 || body->data[body->len - 1] == ' ';

		if (strchr("\"{},", *line) == NULL && (*line != ' ' || !blank))
			text_add(body, line, 1);
	}
	text_add_str(body, " ");
}

static bool
is_section(const char *name)
{
	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];
		size_t in = strlen(o->in);

		if (o->type != CONF_SECTION)
			continue;
		if (in == 0
			? strcmp(name, o->name) == 0
			: strncmp(name, o->in, in) == 0 && name[in] == '.' &&
			      strcmp(name + in + 1, o->name) == 0)
			return true;
	}
	return false;
}

/* ".Ss ladder step" opens the section ladder.step, another ".Ss" the file. */
static void
open_section(char section[80], const char *title)
{
	(void)snprintf(section, 80, "%s", title);
	for (char *s = section; *s != '\0'; s++) {
		if (*s == ' ')
			*s = '.';
	}
	if (!is_section(section))
		*section = '\0';
}

static void
read_option_line(char section[80], const char *line)
{
	struct entry *e;
	size_t n;

	if (strncmp(line, ".Ss ", 4) == 0) {
		open_section(section, line + 4);
		entry_count++; /* what stands before the first .It: nobody's */
	} else if (strncmp(line, ".It Ic ", 7) == 0) {
		n = strcspn(line + 7, " ");
		e = &entries[entry_count++];
		(void)snprintf(e->name, sizeof e->name, "%s%s%.*s", section,
			       *section != '\0' ? "." : "",
			       n < 64 ? (int)n : 64, line + 7);
	} else if (entry_count > 0 && *line != '.') {
		add_words(&entries[entry_count - 1].body, line);
	}
	cr_assert_lt(entry_count, sizeof entries / sizeof *entries);
}

static void
read_options_page(void)
{
	char *page = read_file(OPTIONS_PAGE), *rest = page, *line;
	char section[80] = "";
	bool in_options = false;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, ".Sh ", 4) == 0)
			in_options = strcmp(line + 4, "OPTIONS") == 0;
		else if (in_options)
			read_option_line(section, line);
	}
	free(page);
}

static const struct entry *
entry_find(const char *name)
{
	for (size_t i = 0; i < entry_count; i++) {
		if (strcmp(entries[i].name, name) == 0)
			return &entries[i];
	}
	return NULL;
}

static const char *
option_name(const struct conf_option *o)
{
	static char name[80];

	(void)snprintf(name, sizeof name, "%s%s%s", o->in,
		       *o->in != '\0' ? "." : "", o->name);
	return name;
}

/* Sections and their titles have headings of their own. */
static bool
is_plain(const struct conf_option *o)
{
	return o->type != CONF_SECTION && *o->name != '\0';
}

static bool
says(const struct entry *e, const char *words)
{
	return e->body.data != NULL && strstr(e->body.data, words) != NULL;
}

/* The words, and behind them the end of the clause. */
static bool
says_wholly(const struct entry *e, const char *words)
{
	const char *at =
	    e->body.data != NULL ? strstr(e->body.data, words) : NULL;

	return at != NULL && strchr(" .", at[strlen(words)]) != NULL;
}

Test(manual, has_every_option)
{
	read_options_page();
	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];

		if (is_plain(o))
			cr_expect_not_null(entry_find(option_name(o)),
					   "%s is not in " OPTIONS_PAGE,
					   option_name(o));
	}
	forget_entries();
}

Test(manual, has_a_heading_for_every_section)
{
	char *page = read_file(OPTIONS_PAGE), heading[80];

	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];

		if (o->type != CONF_SECTION)
			continue;
		(void)snprintf(heading, sizeof heading, "\n.Ss %s%s%s\n", o->in,
			       *o->in != '\0' ? " " : "", o->name);
		cr_expect_not_null(strstr(page, heading), "%s is missing in %s",
				   heading + 1, OPTIONS_PAGE);
	}
	free(page);
}

Test(manual, has_no_option_that_there_is_not)
{
	read_options_page();
	for (size_t i = 0; i < entry_count; i++) {
		bool known = *entries[i].name == '\0';

		for (size_t k = 0; k < options_table.count && !known; k++)
			known = is_plain(&options_table.options[k]) &&
				strcmp(option_name(&options_table.options[k]),
				       entries[i].name) == 0;
		cr_expect(known, "%s is in %s and not in the table",
			  entries[i].name, OPTIONS_PAGE);
	}
	forget_entries();
}

/* A default outside of its own limits means that nothing is set. */
static bool
has_default(const struct conf_option *o)
{
	return o->otherwise != NULL && *o->otherwise != '\0' &&
	       !(o->type == CONF_DURATION && o->min > 0 &&
		 strcmp(o->otherwise, "0s") == 0);
}

Test(manual, tells_the_defaults)
{
	char words[120];

	read_options_page();
	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];
		const struct entry *e = entry_find(option_name(o));

		if (!is_plain(o) || e == NULL)
			continue;
		(void)snprintf(words, sizeof words, "Default %s",
			       has_default(o) ? o->otherwise : "");
		if (has_default(o))
			cr_expect(says_wholly(e, words),
				  "%s: want \"%s\" in: %s", option_name(o),
				  words, e->body.data);
		else
			cr_expect_not(says(e, words), "%s has no default: %s",
				      option_name(o), e->body.data);
	}
	forget_entries();
}

/* 900000 ms as the file writes it: "15m". */
static void
print_duration(char buf[24], int64_t ms)
{
	static const struct {
		int64_t ms;
		char unit;
	} units[] = { { 86400000, 'd' },
		      { 3600000, 'h' },
		      { 60000, 'm' },
		      { 1000, 's' } };
	size_t i = ms == 0 ? 3 : 0;

	while (ms % units[i].ms != 0)
		i++;
	(void)snprintf(buf, 24, "%" PRId64 "%c", ms / units[i].ms,
		       units[i].unit);
}

static void
print_range(char *buf, size_t size, const struct conf_option *o)
{
	char least[24], most[24];

	*buf = '\0';
	if (o->type == CONF_DURATION || o->type == CONF_DURATIONS) {
		print_duration(least, o->min);
		print_duration(most, o->max);
		(void)snprintf(buf, size, " %s to %s", least, most);
	} else if (o->type == CONF_INT) {
		(void)snprintf(buf, size, " %" PRId64 " to %" PRId64, o->min,
			       o->max);
	} else if (o->type == CONF_PERCENT) {
		(void)snprintf(buf, size, " %" PRId64 "%% to %" PRId64 "%%",
			       o->min, o->max);
	} else if (o->type == CONF_REAL || o->type == CONF_REALS) {
		(void)snprintf(buf, size,
			       " than %" PRId64 " and at most %" PRId64, o->min,
			       o->max);
	}
}

Test(manual, tells_the_limits_of_numbers)
{
	char range[80];

	read_options_page();
	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];
		const struct entry *e = entry_find(option_name(o));

		if (!is_plain(o) || e == NULL)
			continue;
		print_range(range, sizeof range, o);
		cr_expect(*range == '\0' || says_wholly(e, range),
			  "%s: want \"%s\" in: %s", option_name(o), range,
			  e->body.data);
	}
	forget_entries();
}

Test(manual, tells_what_only_a_restart_changes)
{
	read_options_page();
	for (size_t i = 0; i < options_table.count; i++) {
		const struct conf_option *o = &options_table.options[i];
		const struct entry *e = entry_find(option_name(o));

		if (is_plain(o) && e != NULL)
			cr_expect_eq(says(e, "Only a restart changes it."),
				     !o->reload, "%s", option_name(o));
	}
	forget_entries();
}

/* ---- the daemon's page -------------------------------------------------- */

/* ".It Cm GET /v1/items Pq agent": how a route stands there. */
static void
print_route(char *buf, size_t size, const struct route *r)
{
	(void)snprintf(buf, size, "\n.It Cm %s %s Pq %s\n", r->method,
		       r->pattern,
		       r->least == ROLE_NONE ? "anybody" : role_name(r->least));
}

Test(manual, has_every_route_with_its_role)
{
	char *page = read_file(DAEMON_PAGE), line[200];

	for (size_t i = 0; i < api_table_count; i++) {
		print_route(line, sizeof line, &api_table[i]);
		cr_expect_not_null(strstr(page, line), "not in %s: %s",
				   DAEMON_PAGE, line + 1);
	}
	free(page);
}

Test(manual, has_no_route_that_there_is_not)
{
	static const char *const methods[] = { "GET ", "POST ", "PUT ",
					       "DELETE ", "OPTIONS " };
	char *page = read_file(DAEMON_PAGE), head[40];
	size_t found = 0;

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		(void)snprintf(head, sizeof head, "\n.It Cm %s", methods[i]);
		for (const char *s = page; (s = strstr(s, head)) != NULL; s++)
			found++;
	}
	cr_expect_eq(found, api_table_count,
		     "%zu routes in %s, %zu in the table", found, DAEMON_PAGE,
		     api_table_count);
	free(page);
}

/* All the types that log.add is called with by name. */
static void
expect_types(const char *lua, const char *page, const char *file)
{
	static const char call[] = "log.add(s, '";
	char item[80];

	for (const char *s = lua; (s = strstr(s, call)) != NULL;) {
		s += sizeof call - 1;
		(void)snprintf(item, sizeof item, "\n.It Cm %.*s\n",
			       (int)strcspn(s, "'"), s);
		cr_expect_not_null(strstr(page, item),
				   "%s logs what %s has not:"
				   " %s",
				   file, DAEMON_PAGE, item + 1);
	}
}

Test(manual, has_every_type_of_the_log)
{
	char *page = read_file(DAEMON_PAGE), path[400], *lua;
	DIR *folder = opendir(LUA_FOLDER);
	const struct dirent *d;

	cr_assert_not_null(folder);
	while ((d = readdir(folder)) != NULL) {
		if (strstr(d->d_name, ".lua") == NULL)
			continue;
		(void)snprintf(path, sizeof path, LUA_FOLDER "/%s", d->d_name);
		lua = read_file(path);
		expect_types(lua, page, path);
		free(lua);
	}
	(void)closedir(folder);
	free(page);
}
