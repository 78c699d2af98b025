#include "client/privacy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/field.h"
#include "client/problem.h"
#include "client/table.h"

#define EXPORT_MAX (256U * 1024 * 1024)
#define FORGET_S 600

/* An id or a number; the daemon tells them apart. */
static void
path_person(struct path *p, const struct cmd *c, const char *what)
{
	char *who = args_join(c->args, 2);

	path_init(p, "/v1/customers/");
	path_part(p, who);
	path_raw(p, what);
	free(who);
}

/* ---- export -------------------------------------------------------------- */

/* The next page into *all, which it may make.  1: there are more, from cursor
 * on; 0: that was the last; -1: *ret_exit. */
static int
add_page(struct cmd *c, json_t **all, char cursor[64], size_t *bytes,
	 int *ret_exit)
{
	struct answer a;
	struct path p;
	char next[64];

	path_person(&p, c, "/export");
	path_query(&p, "cursor", *cursor != '\0' ? cursor : NULL);
	cmd_send(c, "GET", &p, NULL, &a);
	if (!answer_ok(&a) || problem_is_junk(&a)) {
		*ret_exit = cmd_finish(c, &a);
		return -1;
	}
	snprintf(next, sizeof next, "%s", field_str(a.json, "cursor"));
	*bytes += a.len;
	if (*all == NULL)
		*all = json_incref(a.json);
	else if (field_list(*all, "items") != NULL &&
		 field_list(a.json, "items") != NULL)
		json_array_extend(field_list(*all, "items"),
				  field_list(a.json, "items"));
	else if (field_list(a.json, "items") != NULL)
		json_object_set(*all, "items", field_list(a.json, "items"));
	answer_done(&a);
	if (*bytes > EXPORT_MAX ||
	    (*next != '\0' && strcmp(next, cursor) == 0)) {
		problem_say("what answers there goes on without an end");
		*ret_exit = EXIT_AWAY;
		return -1;
	}
	snprintf(cursor, 64, "%s", next);
	return *next != '\0';
}

/* A new file that only its owner can read; never one that is there. */
static int
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (f == NULL) {
		problem_say("%s cannot be written: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (fputs(text, f) < 0 || fputc('\n', f) == EOF || fflush(f) != 0 ||
	    fsync(fd) < 0) {
		problem_say("%s cannot be written: %s", path, strerror(errno));
		fclose(f);
		unlink(path);
		return -1;
	}
	return fclose(f);
}

static bool
is_empty(const json_t *all)
{
	static const char *const parts[] = { "customer", "items", "words",
					     "answered", "never_call" };
	size_t i;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (json_object_get(all, parts[i]) != NULL)
			return false;
	return true;
}

static int
put_out(struct cmd *c, json_t *all)
{
	const char *path = cmd_option(c, OPT_OUTPUT);
	struct answer a = { 0 };
	int code = EXIT_DONE;

	if (is_empty(all)) {
		problem_say("nothing is known of this person");
		return EXIT_NOTHING;
	}
	json_object_del(all, "cursor");
	a.text = json_dumps(all, JSON_INDENT(2));
	if (a.text == NULL)
		return EXIT_REFUSED;
	a.len = strlen(a.text);
	if (path == NULL)
		cmd_json(c, &a);
	else if (write_file(path, a.text) < 0)
		code = EXIT_REFUSED;
	else
		page_say(c->page, "All that is known is in %s.", path);
	answer_done(&a);
	return code;
}

int
privacy_export(struct cmd *c)
{
	char cursor[64] = "";
	json_t *all = NULL;
	size_t bytes = 0;
	int more, code = EXIT_DONE;

	if (cmd_count(c) < 2)
		return cmd_usage(c,
				 "export whom? An id or a telephone number.");
	do
		more = add_page(c, &all, cursor, &bytes, &code);
	while (more > 0);
	if (more == 0)
		code = put_out(c, all);
	json_decref(all);
	return code;
}

/* ---- forget -------------------------------------------------------------- */

/* Who that is, as far as it is known. */
static void
show_person(struct cmd *c, const json_t *all)
{
	const json_t *person = field_obj(all, "person");
	const json_t *customer = field_obj(all, "customer");
	char phones[512];

	field_join(phones, sizeof phones, field_list(person, "phones"));
	page_say(c->page,
		 "This is %s%s%s%s%s. All items, words and marks of this "
		 "person go, and nothing brings them back.",
		 field_str(person, "id"),
		 field_has(customer, "name") ? " " : "",
		 field_str(customer, "name"),
		 field_has(person, "id") && *phones != '\0' ? ", with " : "",
		 phones);
}

/* True: yes.  Else *ret_exit. */
static bool
ask_back(struct cmd *c, int *ret_exit)
{
	char line[16] = "";
	struct answer a;
	struct path p;

	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1) {
		*ret_exit = cmd_usage(
		    c, "nobody can be asked here; to forget for good add "
		       "--yes.");
		return false;
	}
	path_person(&p, c, "/export");
	cmd_send(c, "GET", &p, NULL, &a);
	if (!answer_ok(&a) || problem_is_junk(&a)) {
		*ret_exit = cmd_finish(c, &a);
		return false;
	}
	show_person(c, a.json);
	answer_done(&a);
	page_put(c->page, PAGE_BOLD, "Forget? Type yes: ");
	fflush(c->page->to);
	c->page->col = 0;
	if (fgets(line, sizeof line, stdin) != NULL &&
	    strcmp(line, "yes\n") == 0)
		return true;
	page_say(c->page, "Nothing was forgotten.");
	*ret_exit = EXIT_REFUSED;
	return false;
}

static void
show_forgotten(struct cmd *c, const json_t *sums)
{
	static const struct {
		const char *name, *words;
	} rows[] = { { "items", "items" },
		     { "open", "of them were open, and are closed" },
		     { "entries", "entries of their histories" },
		     { "words", "words that belong to no item" },
		     { "answered", "marks of when they got through" },
		     { "directory", "entry of the directory" },
		     { "numbers", "telephone numbers in it" },
		     { "acts", "acts that agents could take back" } };
	static const struct table_head heads[] = {
		{ "REMOVED", TABLE_RIGHT, 0 }, { "", TABLE_LEFT, 0 }
	};
	struct table *t = table_new(c->page, heads, 2);
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *cells[2] = { NULL, rows[i].words };
		int64_t n = field_int(sums, rows[i].name, 0);
		char count[24];

		if (n <= 0)
			continue;
		snprintf(count, sizeof count, "%lld", (long long)n);
		cells[0] = count;
		table_row(t, cells);
	}
	table_end(t);
}

int
privacy_forget(struct cmd *c)
{
	struct request r = { .method = "POST", .timeout_s = FORGET_S };
	const json_t *sums;
	struct answer a;
	struct path p;
	int code = EXIT_DONE;

	if (cmd_count(c) < 2)
		return cmd_usage(c,
				 "forget whom? An id or a telephone number.");
	if (cmd_option(c, OPT_YES) == NULL && !ask_back(c, &code))
		return code;
	path_person(&p, c, "/forget");
	r.path = p.text;
	if (p.too_long)
		return cmd_usage(c, "that is too long.");
	if (!cmd_call(c, &r, &a, &code))
		return code;
	sums = field_obj(a.json, "forgotten");
	show_forgotten(c, sums);
	if (field_int(sums, "never_call", 0) > 0)
		page_say(c->page, "What stays, unreadable: never to be called "
				  "(see ringbackd(8), PRIVACY).");
	if (field_int(sums, "others", 0) > 0)
		page_say(c->page,
			 "%lld with this number stay: they belong to another "
			 "customer, %s.",
			 (long long)field_int(sums, "others", 0),
			 field_str(sums, "other"));
	answer_done(&a);
	return EXIT_DONE;
}
