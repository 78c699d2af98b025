#include "daemon/base/conf.h"

#include <assert.h>
#include <confuse.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/conffile.h"
#include "daemon/base/confvalue.h"
#include "daemon/base/confwords.h"
#include "daemon/base/text.h"

#define OPTS_MAX 96
#define PATH_MAX_ 64 /* "ladder.step" */

/* Put behind the text.  A file that was cut off inside a section parses without
 * error; then this one option is not where it should be. */
#define SENTINEL "end_of_file"

struct place {
	const void *what; /* first the cfg_opt_t, later the field */
	int line;
};

struct conf_file {
	char *path;           /* owned */
	struct place *fields; /* owned */
	size_t count, size;
};

struct parse {
	const struct conf_table *table;
	const char *path;
	struct fault *fault; /* the first fault is the one that counts */
	bool failed;
	int lines;          /* of the file; the sentinel stands behind them */
	bool ended;         /* the sentinel was met at the top */
	struct place *opts; /* owned; where each option stands */
	size_t count, size;
	struct conf_file *file;
};

/* libConfuse hands no cookie to its callbacks. */
static struct parse *parsing;

static void
add_place(struct place **list, size_t *count, size_t *size, struct place p)
{
	if (*count == *size) {
		*size = *size > 0 ? *size * 2 : 64;
		*list = text_realloc(*list, *size * sizeof **list);
	}
	(*list)[(*count)++] = p;
}

static int
find_line(const struct place *list, size_t count, const void *what)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].what == what)
			return list[i].line;
	}
	return 0;
}

static void fail(struct parse *p, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
fail(struct parse *p, int line, const char *fmt, ...)
{
	char body[900];
	va_list ap;

	if (p->failed)
		return;
	p->failed = true;
	va_start(ap, fmt);
	(void)vsnprintf(body, sizeof body, fmt, ap);
	va_end(ap);
	text_clean(body, false);
	if (line > 0)
		fault_set(p->fault, "%s:%d: %s", p->path, line, body);
	else
		fault_set(p->fault, "%s: %s", p->path, body);
}

static bool
is_top_option(const struct parse *p, const char *name)
{
	for (size_t i = 0; i < p->table->count; i++) {
		const struct conf_option *o = &p->table->options[i];

		if (*o->in == '\0' && strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}

static void
fail_unknown(struct parse *p, const cfg_t *sec, const char *name)
{
	bool astray = sec->title != NULL && is_top_option(p, name);
	char *words = confwords_unknown(sec, name, SENTINEL, astray);

	fail(p, sec->line, "%s", words);
	free(words);
}

static void
fail_cut_off(struct parse *p, const cfg_t *sec)
{
	char where[120];

	confwords_section(where, sizeof where, sec);
	if (sec->title != NULL)
		fail(p, p->lines,
		     "the file ends inside of %s: the closing brace } is "
		     "missing.",
		     where);
	else
		fail(p, p->lines, "the file ends in the middle of an option.");
}

static void on_error(cfg_t *sec, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
on_error(cfg_t *sec, const char *fmt, va_list ap)
{
	struct parse *p = parsing;
	char message[400], name[80], *words;

	(void)vsnprintf(message, sizeof message, fmt, ap);
	if (sec->line > p->lines) {
		fail_cut_off(p, sec);
	} else if (strncmp(message, "no such option", 14) == 0 ||
		   strncmp(message, "no sub-section", 14) == 0) {
		confwords_quoted(name, sizeof name, message);
		fail_unknown(p, sec, name);
	} else {
		words = confwords_syntax(message);
		fail(p, sec->line, "%s", words);
		free(words);
	}
}

/* ---- each value as it is met -------------------------------------------- */

/* By an escape such as "\n" or "\xff" in double quotes. */
static bool
is_clean(const char *value)
{
	for (const char *s = value; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	}
	return text_utf8(value, strlen(value));
}

static int
on_value(cfg_t *sec, cfg_opt_t *opt, const char *value, void *result)
{
	struct parse *p = parsing;
	bool first = (opt->flags & CFGF_LIST) == 0 || opt->nvalues == 1;
	int line = find_line(p->opts, p->count, opt);

	*(const char **)result = value;
	if (strcmp(opt->name, SENTINEL) == 0) {
		if (sec->line <= p->lines)
			fail_unknown(p, sec, SENTINEL);
		p->ended = true;
	} else if (sec->line > p->lines) {
		fail_cut_off(p, sec);
	} else if (!is_clean(value) || strlen(value) > 4096) {
		fail(
		    p, sec->line,
		    "the text of \"%s\" is longer than 4096 bytes, has control "
		    "characters or is not UTF-8.",
		    opt->name);
	} else if (first && line > 0) {
		fail(p, sec->line,
		     "\"%s\" was given in line %d already; remove one of the "
		     "two.",
		     opt->name, line);
	} else if (first) {
		add_place(&p->opts, &p->count, &p->size,
			  (struct place){ opt, sec->line });
	}
	return p->failed ? -1 : 0;
}

/* ---- the table for libConfuse ------------------------------------------- */

static void
join_path(char *buf, const char *in, const char *name)
{
	int n = snprintf(buf, PATH_MAX_, "%s%s%s", in, *in != '\0' ? "." : "",
			 name);

	assert(n > 0 && n < PATH_MAX_);
}

/* The options of one section; free_opts ends them. */
static cfg_opt_t *
make_opts(const struct conf_table *t, const char *in)
{
	cfg_opt_t *opts = text_alloc(OPTS_MAX * sizeof *opts);
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		char path[PATH_MAX_];

		if (strcmp(o->in, in) != 0 || *o->name == '\0')
			continue;
		assert(n + 2 < OPTS_MAX);
		if (o->type == CONF_SECTION) {
			join_path(path, in, o->name);
			opts[n++] = (cfg_opt_t)CFG_SEC(
			    o->name, make_opts(t, path),
			    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		} else if (confvalue_is_list(o->type)) {
			opts[n++] = (cfg_opt_t)CFG_STR_LIST_CB(
			    o->name, NULL, CFGF_NODEFAULT, on_value);
		} else {
			opts[n++] = (cfg_opt_t)CFG_STR_CB(
			    o->name, NULL, CFGF_NODEFAULT, on_value);
		}
	}
	if (*in == '\0')
		opts[n++] = (cfg_opt_t)CFG_STR_CB(SENTINEL, NULL,
						  CFGF_NODEFAULT, on_value);
	opts[n] = (cfg_opt_t)CFG_END();
	return opts;
}

static void
free_opts(cfg_opt_t *opts)
{
	for (cfg_opt_t *o = opts; o->name != NULL; o++) {
		if (o->subopts != NULL)
			free_opts(o->subopts);
	}
	free(opts);
}

/* ---- from libConfuse into the struct ------------------------------------ */

static int fill(struct parse *, cfg_t *, const char *in, char *base);

/* The line where a section is: of its first option, or of its end. */
static int
section_line(const struct parse *p, const cfg_t *sec)
{
	int first = sec->line;

	for (const cfg_opt_t *o = sec->opts; o->name != NULL; o++) {
		int line = find_line(p->opts, p->count, o);

		if (line > 0 && line < first)
			first = line;
	}
	return first;
}

static void
note_field(struct parse *p, const void *field, int line)
{
	add_place(&p->file->fields, &p->file->count, &p->file->size,
		  (struct place){ field, line });
}

static int
fill_value(struct parse *p, cfg_t *sec, const struct conf_option *o,
	   const struct conf_texts *words, char *base)
{
	char where[120];
	struct fault help = { "" };
	size_t wrong = 0;
	cfg_opt_t *opt = *o->name != '\0' ? cfg_getopt(sec, o->name) : NULL;
	int line = opt != NULL ? find_line(p->opts, p->count, opt) : 0;

	line = line > 0 ? line : section_line(p, sec);
	note_field(p, base + o->at, line);
	if (confvalue_read(base + o->at, o, words, &wrong, &help) == 0)
		return 0;
	confwords_section(where, sizeof where, sec);
	fail(p, line, "%s of %s is \"%.80s\": %s.",
	     *o->name != '\0' ? o->name : "the name", where, words->list[wrong],
	     help.text);
	return -1;
}

static int
fill_sections(struct parse *p, cfg_t *sec, const struct conf_option *o,
	      const char *in, char *base)
{
	cfg_opt_t *opt = cfg_getopt(sec, o->name);
	size_t n = cfg_opt_size(opt);
	char path[PATH_MAX_];
	char *list = text_alloc(n * o->size);

	memcpy(base + o->at, &list, sizeof list);
	memcpy(base + o->at_count, &n, sizeof n);
	join_path(path, in, o->name);
	for (size_t i = 0; i < n; i++) {
		cfg_t *child = cfg_opt_getnsec(opt, (unsigned int)i);

		if (fill(p, child, path, list + i * o->size) < 0)
			return -1;
	}
	return 0;
}

static int
fill_option(struct parse *p, cfg_t *sec, const struct conf_option *o,
	    char *base)
{
	cfg_opt_t *opt = cfg_getopt(sec, o->name);
	struct conf_texts words = { .count = cfg_opt_size(opt) };
	char where[120];
	int rc;

	if ((opt->flags & CFGF_MODIFIED) == 0) {
		if (o->otherwise != NULL) {
			note_field(p, base + o->at, section_line(p, sec));
			confvalue_default(base + o->at, o);
			return 0;
		}
		confwords_section(where, sizeof where, sec);
		fail(p, sec->title != NULL ? section_line(p, sec) : 0,
		     "%s does not say what \"%s\" is.", where, o->name);
		return -1;
	}
	/* Nothing is called for an empty list, but a full one was met. */
	if (words.count == 0 && find_line(p->opts, p->count, opt) > 0) {
		fail(p, find_line(p->opts, p->count, opt),
		     "\"%s\" is given here and once more below; remove one of "
		     "the two.",
		     o->name);
		return -1;
	}
	words.list = text_alloc(words.count * sizeof *words.list);
	for (size_t i = 0; i < words.count; i++)
		words.list[i] = cfg_opt_getnstr(opt, (unsigned int)i);
	rc = fill_value(p, sec, o, &words, base);
	free(words.list);
	return rc;
}

static int
fill(struct parse *p, cfg_t *sec, const char *in, char *base)
{
	char *title = sec->title;
	const struct conf_texts titles = { &title, 1 };

	for (size_t i = 0; i < p->table->count; i++) {
		const struct conf_option *o = &p->table->options[i];
		int rc;

		if (strcmp(o->in, in) != 0)
			continue;
		if (*o->name == '\0')
			rc = fill_value(p, sec, o, &titles, base);
		else if (o->type == CONF_SECTION)
			rc = fill_sections(p, sec, o, in, base);
		else
			rc = fill_option(p, sec, o, base);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
parse_text(struct parse *p, cfg_t *cfg, const char *text)
{
	int rc;

	cfg_set_error_function(cfg, on_error);
	parsing = p;
	rc = cfg_parse_buf(cfg, text);
	parsing = NULL;
	if (rc != CFG_SUCCESS)
		fail(p, 0, "the file cannot be understood.");
	else if (!p->ended)
		fail_cut_off(p, cfg);
	return p->failed ? -1 : 0;
}

int
conf_read(struct conf_file **ret, void *into, const struct conf_table *table,
	  const char *path, struct fault *fault)
{
	struct parse p = { .table = table, .path = path, .fault = fault };
	struct text text = { 0 };
	cfg_opt_t *opts;
	cfg_t *cfg;
	int rc = -1;

	if (conffile_read(&text, &p.lines, path, fault) < 0)
		return -1;
	text_add_str(&text, SENTINEL " = here\n");
	opts = make_opts(table, "");
	cfg = cfg_init(opts, CFGF_NONE);
	assert(cfg != NULL);
	p.file = text_alloc(sizeof *p.file);
	p.file->path = text_dup(path);
	if (parse_text(&p, cfg, text.data) == 0 && fill(&p, cfg, "", into) == 0)
		rc = 0;
	if (rc == 0) {
		*ret = p.file;
	} else {
		conf_file_free(p.file);
		conf_free(into, table);
	}
	(void)cfg_free(cfg);
	free_opts(opts);
	free(p.opts);
	text_done(&text);
	return rc;
}

void
conf_file_free(struct conf_file *f)
{
	if (f == NULL)
		return;
	free(f->path);
	free(f->fields);
	free(f);
}

int
conf_fault(const struct conf_file *f, const void *field, struct fault *fault,
	   const char *fmt, ...)
{
	int line = find_line(f->fields, f->count, field);
	char body[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(body, sizeof body, fmt, ap);
	va_end(ap);
	text_clean(body, false);
	if (line > 0)
		fault_set(fault, "%s:%d: %s", f->path, line, body);
	else
		fault_set(fault, "%s: %s", f->path, body);
	return -1;
}

/* ---- afterwards --------------------------------------------------------- */

static void
free_section(char *base, const struct conf_table *t, const char *in)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];
		char path[PATH_MAX_];
		char *list;
		size_t n;

		if (strcmp(o->in, in) != 0)
			continue;
		if (o->type != CONF_SECTION) {
			confvalue_free(base + o->at, o->type);
			continue;
		}
		memcpy(&list, base + o->at, sizeof list);
		memcpy(&n, base + o->at_count, sizeof n);
		join_path(path, in, o->name);
		for (size_t k = 0; k < n; k++)
			free_section(list + k * o->size, t, path);
		free(list);
		list = NULL;
		n = 0;
		memcpy(base + o->at, &list, sizeof list);
		memcpy(base + o->at_count, &n, sizeof n);
	}
}

void
conf_free(void *into, const struct conf_table *t)
{
	free_section(into, t, "");
}

const char *
conf_fixed_change(const struct conf_table *t, const void *a, const void *b)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_option *o = &t->options[i];

		if (*o->in != '\0' || o->reload || o->type == CONF_SECTION)
			continue;
		if (!confvalue_same((const char *)a + o->at,
				    (const char *)b + o->at, o->type))
			return o->name;
	}
	return NULL;
}

void
conf_option_print(char *buf, size_t size, const struct conf_option *o)
{
	(void)snprintf(buf, size, "%s%s%s", o->in,
		       *o->in != '\0' && *o->name != '\0' ? "." : "", o->name);
}
