/* zone_rule.h -- the rule by which a zone goes on after its table ends, as at
 * the end of a TZif file: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX TZ, RFC 8536). */
#ifndef RB_BASE_ZONE_RULE_H
#define RB_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum zone_rule_kind { ZONE_RULE_MONTH, ZONE_RULE_JULIAN, ZONE_RULE_DAY };

struct zone_rule_date {
	enum zone_rule_kind kind;
	int month, week, day; /* only day for JULIAN (1 to 365) and DAY */
	int64_t time_s;       /* on the clock that ends then; may be negative */
};

struct zone_rule {
	bool changes; /* false: always offset_s */
	int64_t offset_s;
	int64_t summer_s;
	struct zone_rule_date starts, ends; /* of summer time */
};

/* zone_rule_read: 0, or -1 where the text is no such rule. */
int zone_rule_read(struct zone_rule *ret, const char *text);

struct zone_turn {
	int64_t at_s; /* UTC */
	int64_t offset_s;
};
/* zone_rule_year: both turns of that year, the earlier one first. */
void zone_rule_year(struct zone_turn ret[2], const struct zone_rule *,
		    int year);

#endif
