#include "daemon/policy/warnings.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/policy.h"

static int
year_of(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	if (gmtime_r(&seconds, &tm) == NULL)
		return 0;
	return tm.tm_year + 1900;
}

/* The end of a closure is the day after; the second before belongs to it. */
static void
warn_holidays(struct text *out, const struct policy_hours *h, int64_t now_ms)
{
	int64_t end;

	if (*h->holidays == '\0')
		return;
	end = calendar_holidays_end(h->holidays);
	if (end < 0)
		text_addf(out, "hours %s: %s names no holiday.\n", h->name,
			  h->holidays);
	else if (end != INT64_MAX && year_of(end - 1000) <= year_of(now_ms))
		text_addf(
		    out,
		    "hours %s: the holidays in %s end in %d; add those of the "
		    "next year.\n",
		    h->name, h->holidays, year_of(end - 1000));
}

static void
warn_secret(struct text *out, const struct policy_source *s)
{
	struct stat st;

	if (*s->secret_file != '\0' && stat(s->secret_file, &st) == 0 &&
	    (st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		text_addf(
		    out, "source %s: everybody can read %s; chmod 640 helps.\n",
		    s->name, s->secret_file);
}

static void
warn_alert(struct text *out, const struct policy_alert *a)
{
	if (access(a->argv.list[0], X_OK) != 0)
		text_addf(out,
			  "alert %s: there is no program %s that can be run.\n",
			  a->name, a->argv.list[0]);
}

static bool
is_heard(const struct policy *p, const char *alert)
{
	for (size_t i = 0; i < p->alert_count; i++) {
		const struct conf_texts *on = &p->alerts[i].on;

		for (size_t k = 0; k < on->count; k++) {
			if (strcmp(on->list[k], alert) == 0)
				return true;
		}
	}
	return false;
}

/* At-risk is for the screens; what is broken somebody must hear of. */
static void
warn_unheard(struct text *out, const struct policy *p)
{
	if (!is_heard(p, "broken") && !is_heard(p, "escalated"))
		text_add_str(
		    out,
		    "No alert program hears of broken promises; supervisors "
		    "see them on their screens only.\n");
}

char *
policy_warnings(const struct policy *p, int64_t now_ms)
{
	struct text out = { 0 };

	for (size_t i = 0; i < p->hours_count; i++)
		warn_holidays(&out, &p->hours[i], now_ms);
	for (size_t i = 0; i < p->source_count; i++)
		warn_secret(&out, &p->sources[i]);
	for (size_t i = 0; i < p->alert_count; i++)
		warn_alert(&out, &p->alerts[i]);
	warn_unheard(&out, p);
	return text_take(&out);
}
