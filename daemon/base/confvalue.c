#include "daemon/base/confvalue.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

#define LIST_MAX 64

bool
confvalue_is_list(enum conf_type type)
{
	return type == CONF_NAMES || type == CONF_TEXTS || type == CONF_REALS ||
	       type == CONF_DURATIONS;
}

/* What one word becomes, whatever the type. */
struct value {
	const char *text; /* borrowed */
	int64_t number;
	double real;
};

static int
read_real(double *ret, const char *s)
{
	size_t whole = strspn(s, "0123456789"), part;

	if (whole == 0 || whole > 9)
		return -1;
	if (s[whole] == '.') {
		part = strspn(s + whole + 1, "0123456789");
		if (part == 0 || part > 6 || s[whole + 1 + part] != '\0')
			return -1;
	} else if (s[whole] != '\0') {
		return -1;
	}
	*ret = strtod(s, NULL);
	return 0;
}

static int
read_percent(int64_t *ret, const char *s)
{
	char digits[12];
	size_t n = strlen(s);

	if (n < 2 || n > sizeof digits || s[n - 1] != '%')
		return -1;
	memcpy(digits, s, n - 1);
	digits[n - 1] = '\0';
	return text_int64(ret, digits, 0, 1000000000);
}

static int
read_clock(int64_t *ret, const char *s)
{
	int hours, minutes;

	if (strlen(s) != 5 || s[2] != ':' || !isdigit((unsigned char)s[0]) ||
	    !isdigit((unsigned char)s[1]) || !isdigit((unsigned char)s[3]) ||
	    !isdigit((unsigned char)s[4]))
		return -1;
	hours = (s[0] - '0') * 10 + s[1] - '0';
	minutes = (s[3] - '0') * 10 + s[4] - '0';
	if (minutes > 59 || hours * 60 + minutes > 24 * 60)
		return -1;
	*ret = hours * 60 + minutes;
	return 0;
}

static int
read_bool(int64_t *ret, const char *s)
{
	static const char *const words[] = { "false", "true", "no",
					     "yes",   "off",  "on" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(words[i], s) == 0) {
			*ret = (int64_t)(i & 1);
			return 0;
		}
	}
	return -1;
}

/* One word by its type, without the limits; -1 with what to write instead. */
static int
read_word(struct value *v, enum conf_type type, struct fault *help)
{
	switch (type) {
	case CONF_INT:
		fault_set(help, "write a whole number such as 100");
		return text_int64(&v->number, v->text, INT64_MIN, INT64_MAX);
	case CONF_REAL:
	case CONF_REALS:
		fault_set(help, "write a number such as 5 or 2.5");
		return read_real(&v->real, v->text);
	case CONF_DURATION:
	case CONF_DURATIONS:
		fault_set(
		    help,
		    "write a duration such as \"30s\", \"15m\", \"4h\" or "
		    "\"2d\"");
		return text_duration_ms(&v->number, v->text);
	case CONF_PERCENT:
		fault_set(help, "write a percentage such as \"75%%\"");
		return read_percent(&v->number, v->text);
	case CONF_CLOCK:
		fault_set(help, "write a time of day such as \"09:00\"");
		return read_clock(&v->number, v->text);
	case CONF_BOOL:
		fault_set(help, "write true or false");
		return read_bool(&v->number, v->text);
	case CONF_NAME:
	case CONF_NAMES:
		fault_set(help,
			  "a name is up to 64 letters, digits, dots, dashes, "
			  "underlines or @");
		return text_is_name(v->text) ? 0 : -1;
	case CONF_TEXT:
	case CONF_TEXTS: return 0;
	case CONF_SECTION: break;
	}
	assert(0 && "a section has no value");
	return -1;
}

static int
check_number(const struct conf_option *o, int64_t n, struct fault *help)
{
	char least[40], most[40];

	if (n >= o->min && n <= o->max)
		return 0;
	if (o->type == CONF_DURATION || o->type == CONF_DURATIONS) {
		text_duration_words(least, sizeof least, o->min);
		text_duration_words(most, sizeof most, o->max);
		fault_set(help, "it may be %s to %s", least, most);
	} else {
		const char *unit = o->type == CONF_PERCENT ? "%" : "";

		fault_set(help, "it may be %" PRId64 "%s to %" PRId64 "%s",
			  o->min, unit, o->max, unit);
	}
	return -1;
}

static int
check_limits(const struct conf_option *o, const struct value *v,
	     struct fault *help)
{
	switch (o->type) {
	case CONF_TEXT:
	case CONF_TEXTS:
	case CONF_NAME:
	case CONF_NAMES:
		if (strlen(v->text) <= (size_t)o->max)
			return 0;
		fault_set(help, "it may have %" PRId64 " characters at most",
			  o->max);
		return -1;
	case CONF_REAL:
	case CONF_REALS:
		if (v->real > (double)o->min && v->real <= (double)o->max)
			return 0;
		fault_set(help,
			  "it must be more than %" PRId64
			  " and at most %" PRId64,
			  o->min, o->max);
		return -1;
	case CONF_INT:
	case CONF_DURATION:
	case CONF_DURATIONS:
	case CONF_PERCENT:
	case CONF_CLOCK: return check_number(o, v->number, help);
	case CONF_BOOL:
	case CONF_SECTION: break;
	}
	return 0;
}

static void
store_list(void *field, enum conf_type type, const struct value *v, size_t n)
{
	if (type == CONF_REALS) {
		struct conf_reals *r = field;

		r->list = text_alloc(n * sizeof *r->list);
		r->count = n;
		for (size_t i = 0; i < n; i++)
			r->list[i] = v[i].real;
	} else if (type == CONF_DURATIONS) {
		struct conf_numbers *d = field;

		d->list = text_alloc(n * sizeof *d->list);
		d->count = n;
		for (size_t i = 0; i < n; i++)
			d->list[i] = v[i].number;
	} else {
		struct conf_texts *t = field;

		t->list = text_alloc(n * sizeof *t->list);
		t->count = n;
		for (size_t i = 0; i < n; i++)
			t->list[i] = text_dup(v[i].text);
	}
}

static void
store_value(void *field, enum conf_type type, const struct value *v, size_t n)
{
	if (confvalue_is_list(type))
		store_list(field, type, v, n);
	else if (type == CONF_TEXT || type == CONF_NAME)
		*(char **)field = text_dup(v->text);
	else if (type == CONF_REAL)
		*(double *)field = v->real;
	else if (type == CONF_BOOL)
		*(bool *)field = v->number != 0;
	else
		*(int64_t *)field = v->number;
}

int
confvalue_read(void *field, const struct conf_option *o,
	       const struct conf_texts *words, size_t *ret_wrong,
	       struct fault *help)
{
	struct value values[LIST_MAX] = { 0 };

	if (words->count > LIST_MAX) {
		fault_set(help, "a list may have %d members at most", LIST_MAX);
		*ret_wrong = LIST_MAX;
		return -1;
	}
	for (size_t i = 0; i < words->count; i++) {
		values[i].text = words->list[i];
		if (read_word(&values[i], o->type, help) < 0 ||
		    check_limits(o, &values[i], help) < 0) {
			*ret_wrong = i;
			return -1;
		}
	}
	store_value(field, o->type, values, words->count);
	return 0;
}

void
confvalue_default(void *field, const struct conf_option *o)
{
	char *copy = text_dup(o->otherwise), *rest = copy;
	struct value values[LIST_MAX] = { 0 };
	struct fault ignored;
	size_t n = 0;

	if (!confvalue_is_list(o->type)) {
		values[n++].text = copy;
	} else {
		while (n < LIST_MAX && *rest != '\0') {
			values[n++].text = rest;
			rest += strcspn(rest, " ");
			while (*rest == ' ')
				*rest++ = '\0';
		}
	}
	for (size_t i = 0; i < n; i++) {
		/* "" is how a name that need not be given looks. */
		if (*values[i].text != '\0' &&
		    read_word(&values[i], o->type, &ignored) < 0)
			assert(0 && "a default of the table cannot be read");
	}
	store_value(field, o->type, values, n);
	free(copy);
}

void
confvalue_free(void *field, enum conf_type type)
{
	if (type == CONF_NAMES || type == CONF_TEXTS) {
		struct conf_texts *t = field;

		for (size_t i = 0; i < t->count; i++)
			free(t->list[i]);
		free(t->list);
		*t = (struct conf_texts){ 0 };
	} else if (type == CONF_REALS) {
		free(((struct conf_reals *)field)->list);
		*(struct conf_reals *)field = (struct conf_reals){ 0 };
	} else if (type == CONF_DURATIONS) {
		free(((struct conf_numbers *)field)->list);
		*(struct conf_numbers *)field = (struct conf_numbers){ 0 };
	} else if (type == CONF_TEXT || type == CONF_NAME) {
		free(*(char **)field);
		*(char **)field = NULL;
	}
}

static bool
same_texts(const struct conf_texts *a, const struct conf_texts *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->list[i], b->list[i]) != 0)
			return false;
	}
	return true;
}

bool
confvalue_same(const void *a, const void *b, enum conf_type type)
{
	switch (type) {
	case CONF_TEXT:
	case CONF_NAME:
		return strcmp(*(char *const *)a, *(char *const *)b) == 0;
	case CONF_NAMES:
	case CONF_TEXTS: return same_texts(a, b);
	case CONF_BOOL: return *(const bool *)a == *(const bool *)b;
	case CONF_INT:
	case CONF_DURATION:
	case CONF_PERCENT:
	case CONF_CLOCK: return *(const int64_t *)a == *(const int64_t *)b;
	case CONF_REAL:
	case CONF_REALS:
	case CONF_DURATIONS:
	case CONF_SECTION: break;
	}
	assert(0 && "only plain options are compared");
	return true;
}
