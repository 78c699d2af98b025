#include "daemon/sources/dialstring.h"

#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/originate.h"

#define UUID_LENGTH 36

bool
dialstring_is_phone(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= DIALSTRING_DIGITS && s[n] == '\0';
}

bool
dialstring_is_number(const char *s)
{
	return dialstring_is_phone(*s == '+' ? s + 1 : s);
}

int
dialstring_check(const struct originate *o, struct fault *fault)
{
	const char *wrong = NULL;

	if (strspn(o->id, "0123456789abcdef-") != UUID_LENGTH ||
	    strlen(o->id) != UUID_LENGTH)
		wrong = "the id of the call";
	else if (!dialstring_is_phone(o->phone))
		wrong = "the agent's phone";
	else if (!dialstring_is_number(o->number))
		wrong = "the customer's number";
	else if (*o->caller_id != '\0' && !dialstring_is_number(o->caller_id))
		wrong = "the caller_id of the queue";
	if (wrong == NULL)
		return 0;
	fault_set(fault, "%s cannot be dialled", wrong);
	return -1;
}

static char *
fill(const char *pattern, const char *place, const char *value)
{
	struct text t = { 0 };
	const char *at;

	while ((at = strstr(pattern, place)) != NULL) {
		text_add(&t, pattern, (size_t)(at - pattern));
		text_add_str(&t, value);
		pattern = at + strlen(place);
	}
	text_add_str(&t, pattern);
	return text_take(&t);
}

char *
dialstring_phone(const char *pattern, const char *phone)
{
	return fill(pattern, "{phone}",
		    dialstring_is_phone(phone) ? phone : "");
}

char *
dialstring_number(const char *pattern, const char *number)
{
	return fill(pattern, "{number}",
		    dialstring_is_number(number) ? number : "");
}
