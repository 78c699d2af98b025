#include "client/words.h"

#include <stdio.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"

/* clang-format off */
static const struct {
	const char *code;
	const char *name;
} languages[] = {
	{ "ar", "Arabic" }, { "bg", "Bulgarian" }, { "cs", "Czech" },
	{ "da", "Danish" }, { "de", "German" }, { "el", "Greek" },
	{ "en", "English" }, { "es", "Spanish" }, { "fa", "Persian" },
	{ "fi", "Finnish" }, { "fr", "French" }, { "he", "Hebrew" },
	{ "hi", "Hindi" }, { "hr", "Croatian" }, { "hu", "Hungarian" },
	{ "it", "Italian" }, { "ja", "Japanese" }, { "ko", "Korean" },
	{ "nl", "Dutch" }, { "no", "Norwegian" }, { "pl", "Polish" },
	{ "pt", "Portuguese" }, { "ro", "Romanian" }, { "ru", "Russian" },
	{ "sk", "Slovak" }, { "sl", "Slovene" }, { "sr", "Serbian" },
	{ "sv", "Swedish" }, { "tr", "Turkish" }, { "uk", "Ukrainian" },
	{ "vi", "Vietnamese" }, { "zh", "Chinese" },
};
/* clang-format on */

void
words_code(char *buf, size_t size, const char *code)
{
	char *p;

	snprintf(buf, size, "%s", code);
	for (p = buf; *p != '\0'; p++)
		if (*p == '-' || *p == '_')
			*p = ' ';
}

const char *
words_language(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof languages / sizeof languages[0]; i++)
		if (strncmp(languages[i].code, code, 2) == 0 &&
		    (code[2] == '\0' || code[2] == '-'))
			return languages[i].name;
	return code;
}

const char *
words_phone(const json_t *item)
{
	if (field_has(item, "phone_national"))
		return field_str(item, "phone_national");
	if (field_has(item, "phone"))
		return field_str(item, "phone");
	return field_str(item, "phone_raw");
}

const char *
words_who(const json_t *item)
{
	static const char *const names[] = { "name", "customer_name" };
	size_t i;

	for (i = 0; i < 2; i++)
		if (field_has(item, names[i]))
			return field_str(item, names[i]);
	return *words_phone(item) != '\0' ? words_phone(item) : "unknown";
}

static void
add(char *buf, size_t size, const char *text)
{
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s", text);
}

const char *
words_name(const json_t *item)
{
	const char *who = words_who(item);

	return who == words_phone(item) ? "unknown caller" : who;
}

const char *
words_settled(const json_t *item)
{
	const char *promise = field_str(item, "promise");

	return strcmp(promise, "open") != 0 ? promise : "";
}

/* "10:24 (in 5 minutes)" */
static void
instant(char *buf, size_t size, int64_t ms, int64_t now_ms)
{
	bool ahead = ms > now_ms;
	char at[32], span[32];

	clock_at(at, sizeof at, ms, now_ms);
	clock_words(span, sizeof span, ahead ? ms - now_ms : now_ms - ms);
	snprintf(buf, size, "%s (%s%s%s)", at, ahead ? "in " : "", span,
		 ahead ? "" : " ago");
}

void
words_promise(char *buf, size_t size, const json_t *item, int64_t now_ms)
{
	int64_t due = field_time(item, "due"), late;
	const char *settled = words_settled(item);
	char at[80], span[32];

	if (due >= 0)
		instant(at, sizeof at, due, now_ms);
	if (*settled != '\0' &&
	    strcmp(field_str(item, "state"), "closed") != 0 && due >= 0) {
		snprintf(buf, size, "promise %s, next try due %s", settled, at);
	} else if (*settled != '\0') {
		snprintf(buf, size, "promise %s", settled);
	} else if (due > now_ms) {
		snprintf(buf, size, "promised by %s", at);
	} else if (due >= 0) {
		clock_at(at, sizeof at, due, now_ms);
		clock_words(span, sizeof span, now_ms - due);
		snprintf(buf, size, "promised by %s, LATE %s", at, span);
	} else {
		late = field_int(item, "late_ms", 0);
		clock_words(span, sizeof span, late);
		snprintf(buf, size, "%s%s", late > 0 ? "late " : "no promise",
			 late > 0 ? span : "");
	}
}

/* Moved to who is not there: nothing is lost by that. */
static void
add_absent(char *buf, size_t size, const json_t *item)
{
	char text[200];

	if (field_has(item, "up"))
		snprintf(text, sizeof text,
			 " Nobody of %.80s is on duty just now.",
			 field_str(item, "up"));
	else if (field_has(item, "agent"))
		snprintf(
		    text, sizeof text,
		    " %.80s is not on duty: until then anyone may take it.",
		    field_str(item, "agent"));
	else
		snprintf(text, sizeof text, " Nobody is on duty there now.");
	add(buf, size, text);
}

void
words_place(char *buf, size_t size, const json_t *answer, int64_t now_ms,
	    bool moved)
{
	const json_t *item = field_obj(answer, "item");
	const char *who = words_who(item), *queue = field_str(item, "queue");
	long long number = field_int(item, "number", 0);
	char promise[160];

	words_promise(promise, sizeof promise, item, now_ms);
	if (moved && field_has(item, "up"))
		snprintf(buf, size, "%lld %s went up to %s; %s.", number, who,
			 field_str(item, "up"), promise);
	else if (field_has(item, "agent"))
		snprintf(buf, size, "%lld %s is now with %s in %s; %s.", number,
			 who, field_str(item, "agent"), queue, promise);
	else
		snprintf(buf, size, "%lld %s %s in %s; %s.", number, who,
			 strcmp(field_str(item, "state"), "scheduled") == 0
			     ? "is rung later"
			     : "waits",
			 queue, promise);
	if (field_false(answer, "to_on_duty"))
		add_absent(buf, size, item);
}

void
words_put_back(char *buf, size_t size, const json_t *answer)
{
	const json_t *item = field_obj(answer, "put_back");

	buf[0] = '\0';
	if (item != NULL)
		snprintf(buf, size, "%lld %s is back in the queue.",
			 (long long)field_int(item, "number", 0),
			 words_who(item));
}

void
words_later(char *buf, size_t size, const json_t *item, int64_t now_ms)
{
	const char *there = field_str(item, "local"), *clock;
	int64_t at = field_time(item, "try_at");
	char here[32], place[64];

	if (at < 0) {
		snprintf(buf, size, "%s", there);
		return;
	}
	clock_at(here, sizeof here, at, now_ms);
	clock_place(place, sizeof place, field_str(item, "timezone"));
	clock = strrchr(there, ' ');
	clock = clock != NULL ? clock + 1 : there;
	if (*there == '\0' || *place == '\0' ||
	    (strlen(here) >= 5 && strcmp(clock, here + strlen(here) - 5) == 0))
		snprintf(buf, size, "%s", *there != '\0' ? there : here);
	else
		snprintf(buf, size, "%s in %s, %s here", there, place, here);
}

bool
words_agreed(char *buf, size_t size, const json_t *item, int64_t now_ms)
{
	const char *there = field_str(item, "local"), *clock;
	int64_t at = field_time(item, "try_at");
	int64_t until = field_time(item, "until");
	char here[32], place[64], text[160];

	buf[0] = '\0';
	if (at < 0 || strcmp(field_str(item, "why"), "appointment") != 0)
		return false;
	clock_at(here, sizeof here, at, now_ms);
	clock_place(place, sizeof place, field_str(item, "timezone"));
	clock = strrchr(there, ' ');
	clock = clock != NULL ? clock + 1 : there;
	add(buf, size, here);
	if (*clock != '\0' && *place != '\0' &&
	    (strlen(here) < 5 || strcmp(clock, here + strlen(here) - 5) != 0)) {
		snprintf(text, sizeof text, " (%.60s in %s)", clock, place);
		add(buf, size, text);
	}
	if (field_has(item, "agent")) {
		snprintf(text, sizeof text, " with %.80s",
			 field_str(item, "agent"));
		add(buf, size, text);
	}
	if (until >= 0) {
		clock_at(here, sizeof here, until, now_ms);
		snprintf(text, sizeof text, ", until %s", here);
		add(buf, size, text);
	}
	return true;
}

static void
add_scheduled(char *buf, size_t size, const json_t *item, int64_t now_ms)
{
	int64_t tries = field_int(item, "tries", 0);
	int64_t most = field_int(item, "tries_max", 0);
	const char *why = field_str(item, "why");
	bool retry = strcmp(why, "retry") == 0;
	bool agreed = !retry && strcmp(why, "window") != 0;
	char text[200], when[160];
	int64_t at = field_time(item, "try_at");

	if (retry && most > 0) {
		snprintf(text, sizeof text, ", try %lld of %lld",
			 (long long)tries, (long long)most);
		add(buf, size, text);
	}
	if (retry && at >= 0)
		clock_at(when, sizeof when, at, now_ms);
	else
		words_later(when, sizeof when, item, now_ms);
	if (retry && tries == 1 && *words_settled(item) != '\0') {
		add(buf, size, ", promise ");
		add(buf, size, words_settled(item));
	}
	snprintf(text, sizeof text, ". %s%s%s.",
		 agreed ? "Agreed for " : "Due again ",
		 retry && strlen(when) == 5 ? "at " : "",
		 *when != '\0' ? when : "later");
	add(buf, size, text);
}

void
words_outcome(char *buf, size_t size, const json_t *answer, int64_t now_ms)
{
	const json_t *item = field_obj(answer, "item");
	const char *state = field_str(item, "state");
	char code[64], reason[64], others[128];

	words_code(code, sizeof code, field_str(answer, "outcome"));
	words_code(reason, sizeof reason, field_str(item, "reason"));
	snprintf(buf, size, "%lld %s", (long long)field_int(item, "number", 0),
		 *code != '\0' ? code : "recorded");
	if (strcmp(state, "scheduled") == 0) {
		add_scheduled(buf, size, item, now_ms);
	} else if (strcmp(state, "closed") == 0) {
		if (*reason != '\0' && strcmp(reason, code) != 0) {
			add(buf, size, ", closed as ");
			add(buf, size, reason);
		}
		if (*words_settled(item) != '\0') {
			add(buf, size, ", promise ");
			add(buf, size, words_settled(item));
		}
		add(buf, size, ".");
	} else {
		add(buf, size,
		    strcmp(state, "held") == 0 ? ". Still yours." : ".");
	}
	field_join(others, sizeof others, field_list(answer, "closed_too"));
	if (*others != '\0') {
		add(buf, size, " Closed with it: ");
		add(buf, size, others);
		add(buf, size, ".");
	}
	if (field_bool(answer, "repeated"))
		add(buf, size, " It was recorded already.");
	if (field_bool(answer, "late"))
		add(buf, size,
		    " Your hold had run out; nobody else had it, "
		    "so it counts.");
}
