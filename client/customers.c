#include "client/customers.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/import.h"
#include "client/privacy.h"
#include "client/problem.h"
#include "client/words.h"

enum kind { TEXT, NUMBER, YES_NO, PHONES };

static const struct {
	const char *name;
	enum kind kind;
} fields[] = {
	{ "id", TEXT },       { "name", TEXT },    { "phones", PHONES },
	{ "value", NUMBER },  { "tier", TEXT },    { "language", TEXT },
	{ "timezone", TEXT }, { "agent", TEXT },   { "never_call", YES_NO },
	{ "shared", YES_NO }, { "prefers", TEXT },
};

#define FIELDS (sizeof fields / sizeof fields[0])

const char *
customers_fields(void)
{
	return "id, name, phones, value, tier, language, timezone, agent, "
	       "never_call, shared, prefers";
}

bool
customers_is_field(const char *name)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0)
			return true;
	return false;
}

static int
set_number(json_t *o, const char *name, const char *value)
{
	char *end;
	double n = strtod(value, &end);

	if (end == value || *end != '\0' || !(n >= 0 && n < 1e15))
		return -1;
	if (n == (double)(json_int_t)n)
		json_object_set_new(o, name, json_integer((json_int_t)n));
	else
		json_object_set_new(o, name, json_real(n));
	return 0;
}

static int
set_yes_no(json_t *o, const char *name, const char *value)
{
	static const char *const yes[] = { "yes", "true", "1", "y" };
	static const char *const no[] = { "no", "false", "0", "n" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (strcasecmp(value, yes[i]) == 0)
			return json_object_set_new(o, name, json_true());
		if (strcasecmp(value, no[i]) == 0)
			return json_object_set_new(o, name, json_false());
	}
	return -1;
}

/* Several stand with ';' or ',' between; blanks do too, before a '+' or a
 * number that begins anew with 00. */
static int
set_phones(json_t *o, const char *name, const char *value)
{
	json_t *list = json_array();
	const char *s = value;

	while (*s != '\0') {
		size_t len;

		s += strspn(s, " ;,");
		len = strcspn(s, ";,");
		for (size_t i = 1; i < len; i++)
			if (s[i] == '+' ||
			    (s[i - 1] == ' ' && s[i] == '0' && s[i + 1] == '0'))
				len = i;
		if (len > 0)
			json_array_append_new(list, json_stringn(s, len));
		s += len;
	}
	return json_object_set_new(o, name, list);
}

int
customers_field(json_t *o, const char *name, const char *value, char *why,
		size_t size)
{
	size_t i;
	int rc = -1;

	for (i = 0; i < FIELDS && strcmp(fields[i].name, name) != 0; i++)
		;
	if (i == FIELDS) {
		snprintf(why, size, "there is no field %s; known are %s", name,
			 customers_fields());
		return -1;
	}
	switch (fields[i].kind) {
	case TEXT:
		rc = json_object_set_new(
		    o, name, *value != '\0' ? json_string(value) : json_null());
		snprintf(why, size, "%s is not UTF-8", name);
		break;
	case NUMBER:
		rc = set_number(o, name, value);
		snprintf(why, size,
			 "%s must be a number such as 8400, not '%.60s'", name,
			 value);
		break;
	case YES_NO:
		rc = set_yes_no(o, name, value);
		snprintf(why, size, "%s must be yes or no, not '%.60s'", name,
			 value);
		break;
	case PHONES:
		rc = set_phones(o, name, value);
		snprintf(why, size, "%s are not UTF-8", name);
		break;
	}
	return rc == 0 ? 0 : -1;
}

static void
show_line(struct page *p, const char *name, const char *value)
{
	if (*value == '\0')
		return;
	page_at(p, 1);
	page_put(p, PAGE_DIM, "%s", name);
	page_at(p, 12);
	page_wrap(p, value, 5);
	page_end(p);
}

static void
show_customer(struct page *p, const json_t *o)
{
	char phones[512], value[32];

	page_at(p, 1);
	page_put(p, PAGE_BOLD, "%s  %s", field_str(o, "id"),
		 field_str(o, "name"));
	page_end(p);
	field_join(phones, sizeof phones, field_list(o, "phones"));
	show_line(p, "phones", phones);
	if (json_is_number(json_object_get(o, "value"))) {
		snprintf(value, sizeof value, "%g", field_real(o, "value", 0));
		show_line(p, "value", value);
	}
	show_line(p, "tier", field_str(o, "tier"));
	show_line(p, "language", words_language(field_str(o, "language")));
	show_line(p, "timezone", field_str(o, "timezone"));
	show_line(p, "own agent", field_str(o, "agent"));
	show_line(p, "prefers", field_str(o, "prefers"));
	if (field_bool(o, "shared"))
		show_line(p, "shared",
			  "the number of a company: calls do not merge");
	if (field_bool(o, "never_call"))
		show_line(p, "never", "is never called: asked for it");
}

static void
path_customer(struct path *p, const char *id)
{
	path_init(p, "/v1/customers/");
	path_part(p, id);
}

/* By the id, or by a telephone number where it looks like one. */
static int
find(struct cmd *c)
{
	char *word = args_join(c->args, 2);
	bool phone = *word == '+' || *word == '0' || strchr(word, ' ') != NULL;
	const json_t *list;
	struct answer a;
	struct path p;
	size_t i;

	path_init(&p, "/v1/customers");
	path_query(&p, phone ? "phone" : "id", word);
	free(word);
	if (cmd_count(c) < 2)
		return cmd_usage(c, "find whom? A telephone number or an id.");
	if (!cmd_send(c, "GET", &p, NULL, &a) && (a.status != 404 || c->json))
		return cmd_finish(c, &a);
	list = field_list(a.json, "customers");
	for (i = 0; i < json_array_size(list); i++)
		show_customer(c->page, json_array_get(list, i));
	if (field_has(a.json, "id")) {
		show_customer(c->page, a.json);
		i++;
	}
	if (i == 0)
		page_say(c->page,
			 "No customer was found. A telephone number or an id "
			 "finds one, a name does not.");
	answer_done(&a);
	return i > 0 ? EXIT_DONE : EXIT_NOTHING;
}

static int
show(struct cmd *c)
{
	struct answer a;
	struct path p;

	if (cmd_count(c) != 2)
		return cmd_usage(c, "show whom? The id of one customer.");
	path_customer(&p, cmd_word(c, 1));
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	show_customer(c->page, a.json);
	answer_done(&a);
	return EXIT_DONE;
}

static int
set_fields(struct cmd *c, json_t *o)
{
	char name[32], why[512];
	int i;

	for (i = 2; i < cmd_count(c); i++) {
		const char *word = cmd_word(c, i), *is = strchr(word, '=');

		if (is == NULL || (size_t)(is - word) >= sizeof name)
			return cmd_usage(
			    c, "'%s' is not of the form field=value.", word);
		snprintf(name, sizeof name, "%.*s", (int)(is - word), word);
		if (customers_field(o, name, is + 1, why, sizeof why) < 0)
			return cmd_usage(c, "%s.", why);
	}
	return EXIT_DONE;
}

/* Fields that are not named keep what stands there. */
static int
set(struct cmd *c)
{
	const char *id = cmd_word(c, 1);
	json_t *o = NULL, *check;
	struct answer a;
	struct path p;
	int code;

	if (cmd_count(c) < 3)
		return cmd_usage(
		    c, "an id and at least one field=value are needed.");
	if (!cmd_is_text("the id", id))
		return EXIT_USAGE;
	check = json_object();
	code = set_fields(c, check);
	json_decref(check);
	if (code != EXIT_DONE)
		return code;
	path_customer(&p, id);
	cmd_send(c, "GET", &p, NULL, &a);
	if (answer_ok(&a) && json_is_object(a.json))
		o = json_incref(a.json);
	else if (a.status == 404)
		o = json_pack("{s:s}", "id", id);
	else
		return cmd_finish(c, &a);
	answer_done(&a);
	code = set_fields(c, o);
	if (!cmd_send(c, "PUT", &p, o, &a))
		return cmd_finish(c, &a);
	page_say(c->page, "%s is set.", id);
	answer_done(&a);
	return code;
}

static int
erase(struct cmd *c)
{
	struct answer a;
	struct path p;

	if (cmd_count(c) != 2)
		return cmd_usage(c, "delete whom? The id of one customer.");
	path_customer(&p, cmd_word(c, 1));
	if (!cmd_send(c, "DELETE", &p, NULL, &a))
		return cmd_finish(c, &a);
	page_say(c->page, "%s is deleted.", cmd_word(c, 1));
	answer_done(&a);
	return EXIT_DONE;
}

int
customers_run(struct cmd *c)
{
	static const struct {
		const char *name;
		verb_run *run;
		uint64_t options;
	} rows[] = { { "find", find, 0 },
		     { "show", show, 0 },
		     { "set", set, 0 },
		     { "delete", erase, 0 },
		     { "import", import_customers, 0 },
		     { "export", privacy_export, OPT(OUTPUT) },
		     { "forget", privacy_forget, OPT(YES) } };
	const char *what = cmd_word(c, 0);
	const char *refused;
	size_t i;

	for (i = 0; what != NULL && i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(what, rows[i].name) != 0)
			continue;
		refused = args_refused(c->args, OPTS_ALWAYS | rows[i].options);
		if (refused != NULL)
			return cmd_usage(c, "customers %s takes no --%s.", what,
					 refused);
		return rows[i].run(c);
	}
	return cmd_usage(c, "customers knows find NUMBER|ID, show ID, set ID "
			    "FIELD=VALUE, delete ID, import FILE, export and "
			    "forget ID|NUMBER.");
}
