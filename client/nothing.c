#include "client/nothing.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/words.h"

/* "4801 J. O'Neill, 16:00 (10:00 in New York)" */
static void
later_one(char *buf, size_t size, const json_t *item, int64_t now)
{
	int64_t at = field_time(item, "try_at");
	const char *there = field_str(item, "local"), *clock;
	char here[32] = "?", place[64];
	size_t len;

	if (at >= 0)
		clock_at(here, sizeof here, at, now);
	clock_place(place, sizeof place, field_str(item, "timezone"));
	clock = strrchr(there, ' ');
	clock = clock != NULL ? clock + 1 : there;
	len = strlen(here);
	if (*clock == '\0' || *place == '\0' ||
	    (len >= 5 && strcmp(clock, here + len - 5) == 0))
		snprintf(buf, size, "%lld %s, %s",
			 (long long)field_int(item, "number", 0),
			 words_who(item), here);
	else
		snprintf(buf, size, "%lld %s, %s (%s in %s)",
			 (long long)field_int(item, "number", 0),
			 words_who(item), here, clock, place);
}

static void
print_later(struct page *p, const json_t *answer, int64_t now)
{
	const json_t *list = field_list(answer, "later");
	size_t i, shown = json_array_size(list);
	int64_t all = field_int(answer, "later_count", (int64_t)shown);
	char one[320], text[1200] = "";
	size_t len = 0;

	for (i = 0; i < shown && i < 3; i++) {
		later_one(one, sizeof one, json_array_get(list, i), now);
		snprintf(text + len, sizeof text - len, "%s%s",
			 i > 0 ? "; " : "", one);
		len = strlen(text);
	}
	if (all > 0)
		page_say(p, "  %lld %s: %s%s", (long long)all,
			 all == 1 ? "waits for its hour"
				  : "wait for their hour",
			 text, all > 3 ? "; ..." : ".");
}

static void
print_closed(struct page *p, const json_t *list, int64_t now)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *q = json_array_get(list, i);
		int64_t opens = field_time(q, "opens"),
			n = field_int(q, "waiting", 0);
		char at[32];

		if (n == 0)
			continue;
		if (opens >= 0)
			clock_at(at, sizeof at, opens, now);
		page_say(p, "  %lld %s in %s, which opens %s%s.", (long long)n,
			 n == 1 ? "waits" : "wait", field_str(q, "queue"),
			 opens >= 0 ? at : "later",
			 field_false(q, "yours")
			     ? " and is not one of your queues"
			     : "");
	}
}

static void
print_given_back(struct page *p, const json_t *back, int64_t now)
{
	int64_t n = field_int(back, "count", 0),
		from = field_time(back, "from");
	char at[32] = "later";

	if (n <= 0)
		return;
	if (from >= 0)
		clock_at(at, sizeof at, from, now);
	page_say(p, "  %lld %s that you gave back; %s to you again %s%s.",
		 (long long)n, n == 1 ? "waits" : "wait",
		 n == 1 ? "it comes" : "they come", from >= 0 ? "from " : "",
		 at);
}

void
nothing_reasons(struct page *p, const json_t *answer, int64_t now)
{
	print_given_back(p, field_obj(answer, "given_back"), now);
	print_later(p, answer, now);
	print_closed(p, field_list(answer, "closed"), now);
}

void
nothing_print(struct page *p, const json_t *answer, int64_t now)
{
	char queues[512];

	field_join(queues, sizeof queues, field_list(answer, "queues"));
	page_say(p, "Nothing to call now%s%s.", *queues != '\0' ? " in " : "",
		 queues);
	nothing_reasons(p, answer, now);
	page_say(p, "Wait for the next one: ringback next --wait");
}
