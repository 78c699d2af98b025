/* Short texts from outside: addresses, phone numbers, times, names, ids of the
 * log.  The first byte says where the national numbers and clocks are. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/address.h"
#include "daemon/base/fault.h"
#include "daemon/base/redis_url.h"
#include "daemon/base/text.h"
#include "daemon/base/zone.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/phone.h"
#include "daemon/policy/when.h"
#include "daemon/store/logtail.h"
#include "tests/fuzz/fuzz.h"

static const char *const regions[] = { "DE", "US", "GB", "IT", "", NULL };
static const char *const zones[] = { "Europe/Berlin", "America/New_York",
				     "Asia/Kathmandu", "Australia/Lord_Howe" };
#define NOW_MS INT64_C(1795600000000)
/* The years that can be printed: an offset can lead out of them. */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)
#define MOST_MS (INT64_C(61) * 86400000)

FUZZ(address)
{
	char *text = fuzz_text(data, len);
	struct fault fault = { "" };
	struct address a;

	for (int port = -1; port < 8; port += 8) {
		if (address_parse(&a, text, port, &fault) < 0)
			fuzz_must(fault.text[0] != '\0');
		else
			fuzz_must(memchr(a.host, '\0', sizeof a.host) != NULL);
	}
	free(text);
}

FUZZ(redis_url)
{
	char *text = fuzz_text(data, len);
	struct fault fault = { "" };
	struct redis_url url;

	if (redis_url_parse(&url, text, &fault) < 0) {
		fuzz_must(fault.text[0] != '\0');
	} else {
		fuzz_must(url.count > 0 && url.count <= REDIS_URL_HOSTS);
		fuzz_must(url.kind != REDIS_FIXED || url.count == 1);
		fuzz_must(strchr(url.user, ':') == NULL);
		fuzz_must((url.kind == REDIS_SENTINEL) ==
			  (url.master[0] != '\0'));
	}
	free(text);
}

/* What came out goes in again, and is the same. */
FUZZ(phone)
{
	const char *region = regions[fuzz_byte(&data, &len) % 6];
	char *text = fuzz_text(data, len), national[64];
	struct phone p, again;

	if (phone_parse(&p, text, region) == PHONE_OK) {
		fuzz_must(p.e164[0] == '+' && strlen(p.e164) > 3);
		fuzz_must(strspn(p.e164 + 1, "0123456789") ==
			  strlen(p.e164 + 1));
		fuzz_must(phone_parse(&again, p.e164, NULL) == PHONE_OK &&
			  strcmp(p.e164, again.e164) == 0);
		phone_national(national, sizeof national, p.e164, region);
		(void)calendar_region_zone(p.region);
	}
	phone_national(national, sizeof national, text, region);
	fuzz_must(memchr(national, '\0', sizeof national) != NULL);
	free(text);
}

FUZZ(when)
{
	const char *zone = zones[fuzz_byte(&data, &len) % 4];
	char *text = fuzz_text(data, len), printed[25];
	struct fault fault = { "" };
	int64_t ms = -1, again;

	if (when_parse(&ms, text, zone, NOW_MS, &fault) == 0)
		fuzz_must(ms > NOW_MS && ms < NOW_MS + MOST_MS);
	else
		fuzz_must(ms == -1 && fault.text[0] != '\0');
	if (when_rfc3339(&ms, text) == 0 && ms >= FIRST_MS && ms <= LAST_MS) {
		when_print(printed, ms);
		fuzz_must(when_rfc3339(&again, printed) == 0 && again == ms);
	}
	free(text);
}

/* A zone's name comes from a customer's record; it becomes a path. */
FUZZ(names)
{
	char *text = fuzz_text(data, len), *clean = fuzz_text(data, len);
	const struct zone *z = len < 64 ? zone_find(text) : NULL;
	int64_t n;
	int minutes;

	fuzz_must(z == NULL || strstr(text, "..") == NULL);
	if (text_utf8(clean, len)) {
		text_clean(clean, true);
		fuzz_must(fuzz_clean(clean, strlen(clean)));
	}
	if (text_duration_ms(&n, text) == 0)
		text_duration_words((char[64]){ "" }, 64, n);
	(void)text_is_name(text);
	(void)calendar_clock_minutes(&minutes, text);
	if (logtail_id_ok(text))
		fuzz_must(logtail_compare(text, text) == 0);
	free(text);
	free(clean);
}
