#include "daemon/policy/normal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/confvalue.h"
#include "daemon/base/text.h"
#include "daemon/policy/phone.h"

/* What keeps a number from being one of ours, for people. */
static const char *
kind_sentence(enum phone_kind kind)
{
	switch (kind) {
	case PHONE_EMERGENCY: return "is an emergency number";
	case PHONE_SHORT: return "is too short; write it with its area code";
	case PHONE_PREMIUM: return "is a number that costs its caller extra";
	case PHONE_OK:
	case PHONE_WITHHELD:
	case PHONE_INVALID: break;
	}
	return "is no telephone number; write it as \"+49 30 901820\"";
}

struct numbers {
	struct policy *p;
	const struct conf_file *file;
	struct fault *fault;
};

/* One number of ours in place.  `field` is where the file has it. */
static int
set_number(struct numbers *n, char **number, const void *field, const char *of)
{
	struct phone phone;
	enum phone_kind kind = phone_parse(&phone, *number, n->p->region);

	if (kind != PHONE_OK)
		return conf_fault(n->file, field, n->fault, "%s: \"%s\" %s.",
				  of, *number, kind_sentence(kind));
	free(*number);
	*number = text_dup(phone.e164);
	return 0;
}

/* "+49 30 1234*" gives "+49301234*"; 1 where nothing can be made of it. */
static int
read_pattern(char **ret, const char *raw, const char *region)
{
	struct text t = { 0 };
	struct phone phone;
	size_t n = strlen(raw);
	bool star = n > 0 && raw[n - 1] == '*';

	for (size_t i = 0; i < n - (star ? 1 : 0); i++) {
		if (isdigit((unsigned char)raw[i]) || (raw[i] == '+' && i == 0))
			text_add(&t, &raw[i], 1);
		else if (strchr(" -()/.", raw[i]) == NULL)
			goto bad;
	}
	if (t.len < 2)
		goto bad;
	if (*t.data != '+') {
		/* Which numbers begin like a national one is not known. */
		if (star || phone_parse(&phone, raw, region) != PHONE_OK)
			goto bad;
		*ret = text_dup(phone.e164);
		text_done(&t);
		return 0;
	}
	if (star)
		text_add_str(&t, "*");
	*ret = text_take(&t);
	return 0;
bad:
	text_done(&t);
	return -1;
}

static int
set_patterns(struct numbers *n, struct policy_source *s)
{
	for (size_t i = 0; i < s->ignore_from.count; i++) {
		char *raw = s->ignore_from.list[i];
		char *pattern;

		if (read_pattern(&pattern, raw, n->p->region) < 0)
			return conf_fault(
			    n->file, &s->ignore_from, n->fault,
			    "ignore_from of source \"%s\": \"%s\" is no "
			    "number; write + and the country, and perhaps * "
			    "at the end: \"+49 30 1234*\".",
			    s->name, raw);
		s->ignore_from.list[i] = pattern;
		free(raw);
	}
	return 0;
}

int
normal_numbers(struct policy *p, const struct conf_file *file,
	       struct fault *fault)
{
	struct numbers n = { p, file, fault };

	for (size_t i = 0; i < p->queue_count; i++) {
		struct policy_queue *q = &p->queues[i];

		for (size_t k = 0; k < q->numbers.count; k++) {
			if (set_number(&n, &q->numbers.list[k], &q->numbers,
				       "numbers") < 0)
				return -1;
		}
		if (*q->caller_id != '\0' &&
		    set_number(&n, &q->caller_id, &q->caller_id, "caller_id") <
			0)
			return -1;
	}
	for (size_t i = 0; i < p->source_count; i++) {
		if (set_patterns(&n, &p->sources[i]) < 0)
			return -1;
	}
	return 0;
}

static void
split(struct conf_texts *ret, const char *s)
{
	for (s += strspn(s, " \t"); *s != '\0'; s += strspn(s, " \t")) {
		size_t n = strcspn(s, " \t");

		ret->list = text_realloc(ret->list,
					 (ret->count + 1) * sizeof *ret->list);
		ret->list[ret->count++] = text_dup_n(s, n);
		s += n;
	}
}

void
normal_names(struct policy *p)
{
	for (size_t i = 0; i < p->tier_count; i++) {
		if (*p->unknown_caller == '\0' && p->tiers[i].value == 0) {
			free(p->unknown_caller);
			p->unknown_caller = text_dup(p->tiers[i].name);
		}
	}
	if (*p->default_queue == '\0' && p->queue_count > 0) {
		free(p->default_queue);
		p->default_queue = text_dup(p->queues[0].name);
	}
	for (size_t i = 0; i < p->alert_count; i++)
		split(&p->alerts[i].argv, p->alerts[i].run);
}

static int
by_value(const void *a, const void *b)
{
	const struct policy_tier *s = a, *t = b;

	return s->value < t->value ? 1 : s->value > t->value ? -1 : 0;
}

void
normal_order(struct policy *p)
{
	if (p->tier_count > 1)
		qsort(p->tiers, p->tier_count, sizeof *p->tiers, by_value);
}
