/* The files that an administrator writes: the configuration, and calendars of
 * holidays that somebody downloaded. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/fault.h"
#include "daemon/base/record.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/closures.h"
#include "daemon/policy/fields.h"
#include "daemon/policy/read.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS INT64_C(1795600000000)
#define YEAR_MS (INT64_C(366) * 86400000)

static void
need_calendar(void)
{
	static bool done;
	struct fault fault = { "" };

	if (!done && calendar_init(&fault) < 0)
		fuzz_broken(fault.text, __FILE__, __LINE__);
	done = true;
}

FUZZ(conf)
{
	struct policy *p = NULL;
	struct fault fault = { "" };

	need_calendar();
	if (policy_read(&p, fuzz_file(data, len), &fault) < 0) {
		fuzz_must(p == NULL && fault.text[0] != '\0');
		return;
	}
	record_free(policy_fields(p));
	policy_free(p);
}

FUZZ(holidays)
{
	static const char *const open[] = { "mon-fri 08:00-18:00",
					    "sat 22:00-06:00" };
	const struct hours hours = { .open = open,
				     .open_count = 2,
				     .holidays = fuzz_file(data, len),
				     .zone = "Europe/Berlin" };
	struct instants list = { 0 };
	struct fault fault = { "" };

	need_calendar();
	if (calendar_hours(&list, &hours, NOW_MS, NOW_MS + YEAR_MS, &fault) <
	    0) {
		fuzz_must(fault.text[0] != '\0');
		return;
	}
	for (size_t i = 1; i < list.count; i++) {
		fuzz_must(list.list[i - 1].at_ms < list.list[i].at_ms);
		fuzz_must(list.list[i - 1].opens != list.list[i].opens);
	}
	instants_done(&list);
}
