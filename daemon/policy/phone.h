/* phone.h -- telephone numbers, as they come, to E.164.  Pure. */
#ifndef RB_POLICY_PHONE_H
#define RB_POLICY_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum phone_kind {
	PHONE_OK,
	PHONE_WITHHELD,  /* "<unknown>", "anonymous", "", "+266696687" ... */
	PHONE_EMERGENCY, /* 112, 911, the country's own */
	PHONE_SHORT,     /* extensions, short codes, without its area code */
	PHONE_PREMIUM,   /* costs us by the minute; a trap, not a customer */
	PHONE_INVALID,
};

struct phone {
	char e164[24];  /* "+4930901820" */
	char region[4]; /* "DE"; "" where it belongs to no country */
};

/*
 * phone_parse: `raw` is UTF-8, of any length and content; `region` ("DE") says
 * how a national number is to be read, NULL or "" takes only international
 * ones.  SIP and tel URIs are unwrapped; a leading blank in front of a country
 * code is a '+' that somebody decoded badly.  *ret is written for PHONE_OK only.
 */
enum phone_kind phone_parse(
    struct phone *ret, const char *raw, const char *region);

/* phone_national: "030 901820" where the number is of that region, otherwise
 * "+1 212-555-0123"; what is no number comes out as it is. */
void phone_national(
    char *buf, size_t size, const char *e164, const char *region);

/* phone_kind_words: "ok", "withheld", "emergency", "short", "premium",
 * "invalid". */
const char *phone_kind_words(enum phone_kind);

/* phone_region_ok: a country that has telephone numbers: "DE", "US". */
bool phone_region_ok(const char *region);

#ifdef __cplusplus
}
#endif

#endif
