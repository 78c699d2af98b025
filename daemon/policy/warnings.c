#include "daemon/policy/warnings.h"

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/address.h"
#include "daemon/base/redis_url.h"
#include "daemon/base/text.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/policy.h"

/* Every warning is one line that begins the same. */
static void warn(struct text *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
warn(struct text *out, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	text_addf(out, "Warning: %s\n", line);
}

static void
warn_groups(struct text *out, const char *role, const struct conf_texts *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (getgrnam(groups->list[i]) == NULL)
			warn(out,
			     "%s: there is no Unix group %s here, so nobody is "
			     "in it; make it with: sudo addgroup %s",
			     role, groups->list[i], groups->list[i]);
	}
}

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
		warn(out, "hours %s: %s names no holiday.", h->name,
		     h->holidays);
	else if (end != INT64_MAX && year_of(end - 1000) <= year_of(now_ms))
		warn(out,
		     "hours %s: the holidays in %s end in %d; add those of the "
		     "next year.",
		     h->name, h->holidays, year_of(end - 1000));
}

static void
warn_secret(struct text *out, const struct policy_source *s)
{
	struct stat st;

	if (*s->secret_file != '\0' && stat(s->secret_file, &st) == 0 &&
	    (st.st_mode & (S_IROTH | S_IWOTH)) != 0)
		warn(out, "source %s: everybody can read %s; chmod 640 helps.",
		     s->name, s->secret_file);
}

/* What it tells, and a password, everybody on the way can read. */
static void
warn_link(struct text *out, const struct policy_source *s)
{
	struct fault ignored;
	struct address a;

	if (*s->address == '\0' || s->tls ||
	    address_parse(&a, s->address, 0, &ignored) < 0 ||
	    address_is_near(&a) || strcasecmp(a.host, "localhost") == 0)
		return;
	warn(out,
	     "source %s: %s is spoken to over the network without TLS: its "
	     "password and customers' numbers can be read on the way. tls = "
	     "true helps, where the system speaks it.",
	     s->name, s->address);
}

/* One without the other calls nobody. */
static void
warn_dial(struct text *out, const struct policy_source *s)
{
	bool agent = *s->dial_agent != '\0', customer = *s->dial_customer != '\0';

	if (agent != customer)
		warn(out,
		     "source %s: %s stands there without %s, so no calls are "
		     "made through it.",
		     s->name, agent ? "dial_agent" : "dial_customer",
		     agent ? "dial_customer" : "dial_agent");
}

/* Without it a caller who gave up while there was no link is forgotten. */
static void
warn_queue_log(struct text *out, const struct policy_source *s)
{
	if (*s->queue_log != '\0' && strcmp(s->type, "asterisk") == 0 &&
	    access(s->queue_log, R_OK) < 0)
		warn(out,
		     "source %s: queue_log %s: %s. It must be the file that "
		     "Asterisk writes, and ringbackd must be able to read it.",
		     s->name, s->queue_log, strerror(errno));
}

/* Options that only some types look at. */
static void
warn_unused(struct text *out, const struct policy_source *s)
{
	bool asterisk = strcmp(s->type, "asterisk") == 0;
	bool asked = asterisk || strcmp(s->type, "freeswitch") == 0;
	bool pushes = *s->type != '\0' && !asked;
	const struct {
		const char *name;
		bool given, used;
	} options[] = {
		{ "address", *s->address != '\0', asked },
		{ "tls", s->tls, asked },
		{ "user", *s->user != '\0', asked },
		{ "secret_file", *s->secret_file != '\0', asked || pushes },
		{ "public_url", *s->public_url != '\0', pushes },
		{ "contexts", s->contexts.count > 0, asked },
		{ "queue_log", *s->queue_log != '\0', asterisk },
		{ "dial_agent", *s->dial_agent != '\0', asked },
		{ "member", *s->member != '\0', asked },
	};

	if (*s->type == '\0' && *s->address != '\0') {
		warn(out,
		     "source %s: it has an address and no type, so nothing "
		     "asks there; write type = \"asterisk\" or type = "
		     "\"freeswitch\".",
		     s->name);
		return;
	}

	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		if (options[i].given && !options[i].used)
			warn(out,
			     "source %s: %s is nothing that a source %s%s looks "
			     "at.",
			     s->name, options[i].name,
			     *s->type != '\0' ? "of type " : "without a type",
			     s->type);
	}
}

static void
warn_source(struct text *out, const struct policy_source *s)
{
	warn_secret(out, s);
	warn_link(out, s);
	warn_dial(out, s);
	warn_queue_log(out, s);
	warn_unused(out, s);
}

static bool
is_raised(const struct policy *p, const char *alert)
{
	for (size_t i = 0; i < p->ladder_count; i++) {
		const struct policy_ladder *l = &p->ladders[i];

		for (size_t k = 0; k < l->step_count; k++) {
			if (strcmp(l->steps[k].alert, alert) == 0)
				return true;
		}
	}
	return false;
}

/* The other words of ringback's own come also without a ladder. */
static void
warn_silent(struct text *out, const struct policy *p,
	    const struct policy_alert *a)
{
	for (size_t i = 0; i < a->on.count; i++) {
		const char *on = a->on.list[i];

		if (is_raised(p, on))
			continue;
		if (strcmp(on, "broken") == 0 || strcmp(on, "at-risk") == 0)
			warn(out,
			     "alert %s waits for %s, which no step of a ladder "
			     "raises.",
			     a->name, on);
	}
}

static void
warn_alert(struct text *out, const struct policy_alert *a)
{
	if (access(a->argv.list[0], X_OK) != 0)
		warn(out, "alert %s: there is no program %s that can be run.",
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

/* At-risk is for the screens.  Anything else that nobody hears was misspelt
 * here or there. */
static void
warn_ladder(struct text *out, const struct policy *p,
	    const struct policy_ladder *l)
{
	for (size_t i = 0; i < l->step_count; i++) {
		const struct policy_step *s = &l->steps[i];

		if (*s->alert == '\0' || strcmp(s->alert, "at-risk") == 0 ||
		    is_heard(p, s->alert))
			continue;
		warn(out,
		     "ladder %s raises %s at %" PRId64 "%%, and no alert has "
		     "that in its \"on\".",
		     l->name, s->alert, s->percent);
	}
}

/* What is broken somebody must hear of. */
static void
warn_unheard(struct text *out, const struct policy *p)
{
	if (!is_heard(p, "broken") && !is_heard(p, "escalated"))
		warn(out, "no alert program hears of broken promises; "
			  "supervisors see them on their screens only.");
	for (size_t i = 0; i < p->ladder_count && p->alert_count > 0; i++)
		warn_ladder(out, p, &p->ladders[i]);
	for (size_t i = 0; i < p->source_count && p->alert_count > 0; i++) {
		if (*p->sources[i].address != '\0' &&
		    !is_heard(p, "source-down")) {
			warn(out,
			     "no alert program hears of source-down: calls "
			     "that %s does not tell are missed unseen.",
			     p->sources[i].name);
			break;
		}
	}
}

/* What is said there, tokens too, everybody on the way can read. */
static void
warn_plain(struct text *out, const struct policy *p)
{
	struct fault ignored;
	struct address a;

	if (*p->http == '\0' || address_parse(&a, p->http, -1, &ignored) < 0 ||
	    address_is_near(&a))
		return;
	warn(out,
	     "http %s can be reached from the network, without TLS: tokens and "
	     "customers' numbers can be read on the way. Use https for that, "
	     "and http = \"127.0.0.1:%u\".",
	     p->http, (unsigned)a.port);
}

/* The daemon would not start, or nobody would get in. */
static void
warn_socket(struct text *out, const struct policy *p)
{
	if (*p->socket_group != '\0' && getgrnam(p->socket_group) == NULL)
		warn(out,
		     "socket_group: there is no Unix group %s here, and "
		     "ringbackd does not start without it; make it with: sudo "
		     "addgroup %s",
		     p->socket_group, p->socket_group);
	if (strpbrk(p->socket_mode, "2367") == NULL)
		warn(out,
		     "socket_mode %s lets nobody but root connect; write one "
		     "such as \"0660\".",
		     p->socket_mode);
}

static void
warn_https(struct text *out, const struct policy *p)
{
	const char *name = *p->https_cert != '\0'        ? "https_cert"
			   : *p->https_key != '\0'       ? "https_key"
			   : *p->https_client_ca != '\0' ? "https_client_ca"
							 : NULL;

	if (*p->https == '\0' && name != NULL)
		warn(out,
		     "%s stands there without https, so nothing listens with "
		     "TLS; write one such as https = \"0.0.0.0:8026\".",
		     name);
}

/* Without it the daemon works, but not where it starts without Redis. */
static void
warn_token_file(struct text *out, const struct policy *p)
{
	const char *slash = strrchr(p->token_file, '/');
	char *folder = text_dup(p->token_file);
	struct stat st;

	if (slash != NULL)
		folder[slash == p->token_file ? 1 : slash - p->token_file] =
		    '\0';
	if (*folder != '\0' && (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode)))
		warn(out,
		     "token_file: there is no folder %s, so a daemon that "
		     "starts while Redis is away lets no token in.",
		     folder);
	else if (*folder != '\0' && stat(p->token_file, &st) == 0 &&
		 !S_ISREG(st.st_mode))
		warn(out, "token_file: %s is no file.", p->token_file);
	free(folder);
}

/* Most of two are both of them. */
static void
warn_sentinels(struct text *out, const struct policy *p)
{
	struct redis_url url;
	struct fault ignored;

	if (redis_url_parse(&url, p->redis_url, &ignored) == 0 &&
	    url.kind == REDIS_SENTINEL && url.count < 3)
		warn(out,
		     "redis_url names %zu sentinel%s: when one of them is "
		     "away, no master counts. List all of them, three at "
		     "least.",
		     url.count, url.count == 1 ? "" : "s");
}

char *
policy_warnings(const struct policy *p, int64_t now_ms)
{
	struct text out = { 0 };

	warn_groups(&out, "agents", &p->roles.agents);
	warn_groups(&out, "supervisors", &p->roles.supervisors);
	warn_groups(&out, "managers", &p->roles.managers);
	warn_groups(&out, "admins", &p->roles.admins);
	for (size_t i = 0; i < p->hours_count; i++)
		warn_holidays(&out, &p->hours[i], now_ms);
	for (size_t i = 0; i < p->source_count; i++)
		warn_source(&out, &p->sources[i]);
	for (size_t i = 0; i < p->alert_count; i++)
		warn_alert(&out, &p->alerts[i]);
	for (size_t i = 0; i < p->alert_count; i++)
		warn_silent(&out, p, &p->alerts[i]);
	warn_unheard(&out, p);
	warn_plain(&out, p);
	warn_https(&out, p);
	warn_socket(&out, p);
	warn_token_file(&out, p);
	warn_sentinels(&out, p);
	return text_take(&out);
}
