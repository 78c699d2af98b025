#include "daemon/policy/outcome.h"

#include <string.h>

/* clang-format off */
static const struct outcome outcomes[] = {
	/* name            words               key  effect         reason        tried  plan */
	{ "done",          "done",             "d", OUTCOME_CLOSE, "done",       true,  "" },
	{ "reached",       "reached",          "",  OUTCOME_STAY,  "",           true,  "" },
	{ "no-answer",     "no answer",        "n", OUTCOME_RETRY, "",           true,  "no-answer" },
	{ "busy",          "busy",             "b", OUTCOME_RETRY, "",           true,  "busy" },
	{ "voicemail",     "voicemail",        "v", OUTCOME_RETRY, "",           true,  "voicemail" },
	{ "left-message",  "left a message",   "",  OUTCOME_RETRY, "",           true,  "voicemail" },
	{ "other-person",  "another person",   "",  OUTCOME_RETRY, "",           true,  "no-answer" },
	{ "later",         "later",            "l", OUTCOME_LATER, "",           true,  "" },
	{ "wrong-number",  "wrong number",     "",  OUTCOME_CLOSE, "bad-number", true,  "" },
	{ "bad-number",    "bad number",       "",  OUTCOME_CLOSE, "bad-number", true,  "" },
	{ "declined",      "declined",         "",  OUTCOME_CLOSE, "declined",   true,  "" },
	{ "never-call",    "never call again", "",  OUTCOME_CLOSE, "never-call", true,  "" },
};
/* clang-format on */

/* The keys of ringback work that are no outcomes: call, other code, note,
 * goodwill, to, give back, undo, pause, quit; anyone, keep. */
static const char other_keys[] = "comgtrupqak";

size_t
outcome_count(void)
{
	return sizeof outcomes / sizeof *outcomes;
}

const struct outcome *
outcome_at(size_t i)
{
	return &outcomes[i];
}

const struct outcome *
outcome_find(const char *name)
{
	for (size_t i = 0; i < outcome_count(); i++) {
		if (strcmp(outcomes[i].name, name) == 0)
			return &outcomes[i];
	}
	return NULL;
}

const char *
outcome_effect_name(enum outcome_effect effect)
{
	switch (effect) {
	case OUTCOME_CLOSE: return "close";
	case OUTCOME_RETRY: return "retry";
	case OUTCOME_STAY: return "stay";
	case OUTCOME_LATER: break;
	}
	return "later";
}

bool
outcome_key_free(const char *key)
{
	if (strlen(key) != 1 || *key < 'a' || *key > 'z' ||
	    strchr(other_keys, *key) != NULL)
		return false;
	for (size_t i = 0; i < outcome_count(); i++) {
		if (strcmp(outcomes[i].key, key) == 0)
			return false;
	}
	return true;
}
