#include "daemon/base/zone_rule.h"

#include <ctype.h>
#include <stddef.h>

#include "daemon/base/day.h"

/* Each reader below moves *s behind what it has read; -1 where there is none.
 */

static int
read_name(const char **s)
{
	const char *p = *s;
	size_t n;

	if (*p == '<') {
		while (*p != '>') {
			if (*p++ == '\0')
				return -1;
		}
		*s = p + 1;
		return 0;
	}
	for (n = 0; isalpha((unsigned char)p[n]);)
		n++;
	*s = p + n;
	return n >= 3 ? 0 : -1;
}

static int
read_number(int *ret, const char **s, int most)
{
	int n = 0;

	if (!isdigit((unsigned char)**s))
		return -1;
	for (; isdigit((unsigned char)**s); (*s)++) {
		n = n * 10 + (**s - '0');
		if (n > most)
			return -1;
	}
	*ret = n;
	return 0;
}

/* [+-]hh[:mm[:ss]] */
static int
read_time(int64_t *ret_s, const char **s)
{
	bool negative = **s == '-';
	int part, unit = 3600;
	int64_t sum = 0;

	if (**s == '-' || **s == '+')
		(*s)++;
	for (;; (*s)++) {
		if (read_number(&part, s, unit == 3600 ? 167 : 59) < 0)
			return -1;
		sum += (int64_t)part * unit;
		unit /= 60;
		if (**s != ':' || unit == 0)
			break;
	}
	*ret_s = negative ? -sum : sum;
	return 0;
}

static int
read_month_date(struct zone_rule_date *d, const char **s)
{
	d->kind = ZONE_RULE_MONTH;
	if (read_number(&d->month, s, 12) < 0 || d->month < 1 || *(*s)++ != '.')
		return -1;
	if (read_number(&d->week, s, 5) < 0 || d->week < 1 || *(*s)++ != '.')
		return -1;
	return read_number(&d->day, s, 6);
}

/* ",M3.5.0/2", ",J60" or ",59" */
static int
read_date(struct zone_rule_date *ret, const char **s)
{
	struct zone_rule_date d = { .time_s = 2 * 3600 };
	int rc;

	if (*(*s)++ != ',')
		return -1;
	if (**s == 'M') {
		(*s)++;
		rc = read_month_date(&d, s);
	} else {
		d.kind = **s == 'J' ? ZONE_RULE_JULIAN : ZONE_RULE_DAY;
		if (**s == 'J')
			(*s)++;
		rc = read_number(&d.day, s, 365);
	}
	if (rc < 0)
		return -1;
	if (**s == '/') {
		(*s)++;
		if (read_time(&d.time_s, s) < 0)
			return -1;
	}
	*ret = d;
	return 0;
}

int
zone_rule_read(struct zone_rule *ret, const char *text)
{
	struct zone_rule r = { .changes = false };
	const char *s = text;

	if (read_name(&s) < 0 || read_time(&r.offset_s, &s) < 0)
		return -1;
	r.offset_s = -r.offset_s; /* POSIX counts westward */
	if (*s != '\0') {
		r.changes = true;
		r.summer_s = r.offset_s + 3600;
		if (read_name(&s) < 0)
			return -1;
		if (*s != ',') {
			if (read_time(&r.summer_s, &s) < 0)
				return -1;
			r.summer_s = -r.summer_s;
		}
		if (read_date(&r.starts, &s) < 0 ||
		    read_date(&r.ends, &s) < 0 || *s != '\0')
			return -1;
	}
	*ret = r;
	return 0;
}

/* The date in that year, on the clock of then. */
static int64_t
date_local_s(const struct zone_rule_date *d, int year)
{
	int64_t day = day_number(year, 1, 1) + d->day;
	int64_t first, last;

	if (d->kind == ZONE_RULE_MONTH) {
		first = day_number(year, d->month, 1);
		last = first + day_month_length(year, d->month) - 1;
		day = first + (d->day - day_weekday(first) + 7) % 7 +
		      7 * (int64_t)(d->week - 1);
		if (day > last) /* week 5 means the last one */
			day -= 7;
	} else if (d->kind == ZONE_RULE_JULIAN) {
		/* 29 February is never counted. */
		day--;
		if (d->day >= 60 && day_month_length(year, 2) == 29)
			day++;
	}
	return day * DAY_SECONDS + d->time_s;
}

void
zone_rule_year(struct zone_turn ret[2], const struct zone_rule *r, int year)
{
	struct zone_turn summer = {
		.at_s = date_local_s(&r->starts, year) - r->offset_s,
		.offset_s = r->summer_s,
	};
	struct zone_turn winter = {
		.at_s = date_local_s(&r->ends, year) - r->summer_s,
		.offset_s = r->offset_s,
	};

	ret[0] = summer.at_s <= winter.at_s ? summer : winter;
	ret[1] = summer.at_s <= winter.at_s ? winter : summer;
}
