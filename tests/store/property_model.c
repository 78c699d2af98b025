#include "tests/store/property_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_BEFORE 9
#define DAYS_AFTER 45

const char *const tier_names[TIERS] = { "platinum", "gold", "standard" };
const char *const kind_names[KINDS] = { "call-back", "complaint" };
const double severity_weights[3] = { 1, 2, 4 };
const char *const zone_names[ZONES] = { "Here", "There", "Nowhere" };
static const int tier_values[TIERS] = { 20000, 3000, 0 };
static const char *const queue_names[QUEUES] = { "sales", "billing", "always" };

/* "broken" stands at 1.0 in all of them, so that it is told once an item. */
const struct ladder_steps ladders[] = {
	{ { { 0, "own-agent", true, "" },
	    { 0.4, "agents", false, "" },
	    { 0.75, "agents", false, "at-risk" },
	    { 1.0, "leads", false, "broken" },
	    { 2.0, "bosses", true, "escalated" } },
	  5 },
	{ { { 0, "agents", false, "" },
	    { 0.6, "agents", false, "at-risk" },
	    { 1.0, "leads", true, "broken" },
	    { 1.5, "bosses", true, "escalated" } },
	  4 },
	{ { { 0, "agents", false, "" } }, 1 },
	{ { { 0, "own-agent", true, "" },
	    { 0.25, "agents", false, "" },
	    { 1.0, "leads", false, "broken" },
	    { 3.0, "bosses", false, "escalated" } },
	  4 },
};
#define LADDERS (sizeof ladders / sizeof *ladders)

static const char *const retries[] = {
	"{\"no-answer\":[300000,900000,1800000],\"busy\":[60000,120000,300000],"
	"\"voicemail\":[3600000]}",
	"{\"no-answer\":[600000,600000],\"busy\":[],\"voicemail\":[1200000]}",
};

static const struct {
	const char *from, *to;
	int opens, closes; /* minutes of the day */
} windows[] = { { "09:00", "20:00", 9 * 60, 20 * 60 },
		{ "10:00", "18:00", 10 * 60, 18 * 60 } };

/* hours:day, hours:late, hours:always (which nobody has written), then the
 * windows by zone. */
#define HOURS 3
static const char *const hours_names[HOURS] = { "hours:day", "hours:late",
						"hours:always" };

/* ---- chance ------------------------------------------------------------- */

unsigned
model_any(struct model *m, unsigned most)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (unsigned)((m->random * UINT64_C(2685821657736338717)) >> 33) %
	       most;
}

bool
model_chance(struct model *m, unsigned of_1000)
{
	return model_any(m, 1000) < of_1000;
}

/* ---- calendars ---------------------------------------------------------- */

bool
model_open(const struct calendar *c, int64_t t, int64_t *change)
{
	for (int i = 0; i < c->count; i++) {
		if (c->list[i].at > t) {
			if (change != NULL)
				*change = c->list[i].at;
			return !c->list[i].opens;
		}
	}
	if (change != NULL)
		*change = NEVER_UNTIL;
	return true;
}

int64_t
model_open_ms(const struct calendar *c, int64_t from, int64_t to)
{
	bool open = model_open(c, from, NULL);
	int64_t total = 0, at = from;

	for (int i = 0; i < c->count && c->list[i].at <= to; i++) {
		if (c->list[i].at <= from)
			continue;
		total += open ? c->list[i].at - at : 0;
		at = c->list[i].at;
		open = c->list[i].opens;
	}
	return total + (open ? to - at : 0);
}

const struct calendar *
model_calendar(const struct model *m, const char *name)
{
	for (int i = 0; i < CALENDARS; i++) {
		if (strcmp(m->calendars[i].name, name) == 0)
			return &m->calendars[i];
	}
	return NULL;
}

const struct calendar *
model_hours(const struct model *m, int queue)
{
	return &m->calendars[m->queues[queue].hours];
}

bool
model_queue_open(const struct model *m, int queue)
{
	return model_open(model_hours(m, queue), m->site->now_ms, NULL);
}

static void
send_calendar(struct model *m, struct calendar *c)
{
	const char *argv[MOST_INSTANTS + 2] = { c->name };
	char text[MOST_INSTANTS][24], until[24];
	int n = 2;

	(void)snprintf(until, sizeof until, "%lld",
		       (long long)(SITE_T0 + DAYS_AFTER * SITE_DAY));
	argv[1] = until;
	for (int i = 0; i < c->count; i++) {
		(void)snprintf(text[i], sizeof text[i], "%lld%c",
			       (long long)c->list[i].at,
			       c->list[i].opens ? 'o' : 'c');
		argv[n++] = text[i];
	}
	(void)site_call_list(m->site, "calendar_put", n, argv);
	c->known = true;
}

/* Only what lies ahead changes: the past stays in the list. */
static void
fill_days(struct calendar *c, int64_t after, int opens, int closes)
{
	int64_t midnight = SITE_T0 - SITE_T0 % SITE_DAY;
	int kept = 0;

	while (kept < c->count && c->list[kept].at <= after)
		kept++;
	c->count = kept;
	for (int d = -DAYS_BEFORE; d < DAYS_AFTER; d++) {
		for (int k = 0; k < 2; k++) {
			int64_t at = midnight + d * SITE_DAY +
				     (k == 0 ? opens : closes) * SITE_MIN;
			bool last = c->count > 0 &&
				    c->list[c->count - 1].opens == (k == 0);

			if (at <= after || last || c->count == MOST_INSTANTS)
				continue;
			c->list[c->count].at = at;
			c->list[c->count++].opens = k == 0;
		}
	}
}

static void
make_calendars(struct model *m)
{
	int n = 0;

	for (; n < HOURS; n++)
		(void)snprintf(m->calendars[n].name,
			       sizeof m->calendars[n].name, "%s",
			       hours_names[n]);
	fill_days(&m->calendars[0], 0, 8 * 60, 18 * 60);
	fill_days(&m->calendars[1], 0, 10 * 60, 22 * 60);
	send_calendar(m, &m->calendars[0]);
	send_calendar(m, &m->calendars[1]);
	for (int z = 0; z < ZONES; z++) {
		for (int w = 0; w < 2; w++, n++) {
			struct calendar *c = &m->calendars[n];
			int shift = z * 150; /* minutes */

			(void)snprintf(c->name, sizeof c->name,
				       "window:%s|%s-%s", zone_names[z],
				       windows[w].from, windows[w].to);
			fill_days(c, 0, windows[w].opens - shift,
				  windows[w].closes - shift);
			if (z != ZONES - 1)
				send_calendar(m, c);
		}
	}
}

void
model_open_zone(struct model *m)
{
	for (int i = 0; i < CALENDARS; i++) {
		if (*m->calendars[i].name != '\0' && !m->calendars[i].known &&
		    i >= HOURS)
			send_calendar(m, &m->calendars[i]);
	}
}

void
model_recalendar(struct model *m)
{
	struct calendar *c = &m->calendars[model_any(m, 2)];
	int opens = 6 * 60 + (int)model_any(m, 5 * 60);
	int closes = 16 * 60 + (int)model_any(m, 7 * 60);

	model_wrote(m);
	fill_days(c, m->site->now_ms, opens, closes);
	send_calendar(m, c);
}

/* ---- policy ------------------------------------------------------------- */

static void
ladder_json(const struct ladder_steps *l, char *buf, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < l->count; i++) {
		const struct ladder_step *step = &l->steps[i];

		n += (size_t)snprintf(
		    buf + n, size - n,
		    "%s{\"at\":%g,\"to\":\"%s\",\"only\":%s,\"alert\":\"%s\"}",
		    i == 0 ? "[" : ",", step->at, step->to,
		    step->only ? "true" : "false", step->alert);
	}
	(void)snprintf(buf + n, size - n, "]");
}

static void
queue_json(const struct model *m, int queue, char *buf, size_t size)
{
	const struct queue *q = &m->queues[queue];
	char ladder[1024], window[64] = "";

	ladder_json(&ladders[q->ladder], ladder, sizeof ladder);
	if (q->window > 0)
		(void)snprintf(window, sizeof window,
			       "\"call_from\":\"%s\",\"call_to\":\"%s\",",
			       windows[q->window - 1].from,
			       windows[q->window - 1].to);
	(void)snprintf(buf, size,
		       "{\"hours\":\"%s\",\"ladder\":%s,\"retry\":%s,%s"
		       "\"then\":\"unreachable\",\"retry_share\":%g,\"days\":0,"
		       "\"hold\":%lld,\"hold_max\":%lld,\"close_needs\":[],"
		       "\"tiers\":{\"gold\":{\"call-back\":%lld}}}",
		       m->calendars[q->hours].name, ladder, retries[q->retry],
		       window, m->retry_share, (long long)m->hold_ms,
		       (long long)m->hold_max_ms, (long long)q->target[1][0]);
}

static void
send_policy(struct model *m)
{
	char tiers[512], queues[QUEUES][2048];
	size_t n = 0;

	for (int t = 0; t < TIERS; t++)
		n += (size_t)snprintf(
		    tiers + n, sizeof tiers - n,
		    "%s{\"name\":\"%s\",\"value\":%d,\"weight\":%g,"
		    "\"call-back\":%lld,\"complaint\":%lld}",
		    t == 0 ? "[" : ",", tier_names[t], tier_values[t],
		    m->weight[t], (long long)m->queues[0].target[t][0],
		    (long long)m->queues[0].target[t][1]);
	(void)snprintf(tiers + n, sizeof tiers - n, "]");
	for (int q = 0; q < QUEUES; q++)
		queue_json(m, q, queues[q], sizeof queues[q]);
	(void)site_policy(m->site, "timezone", zone_names[0], "tiers", tiers,
			  "queue:sales", queues[0], "queue:billing", queues[1],
			  "queue:always", queues[2], "keep_ms", "7200000",
			  NULL);
}

void
model_repolicy(struct model *m)
{
	static const int64_t targets[][TIERS][KINDS] = {
		{ { 300000, 3600000 },
		  { 900000, 14400000 },
		  { 3600000, 36000000 } },
		{ { 240000, 1800000 },
		  { 600000, 7200000 },
		  { 1800000, 36000000 } },
		{ { 600000, 7200000 },
		  { 1200000, 7200000 },
		  { 7200000, 7200000 } },
	};
	unsigned which = model_any(m, 3);

	model_wrote(m); /* what has passed counts by the old hours */
	for (int q = 0; q < QUEUES; q++) {
		struct queue *queue = &m->queues[q];

		queue->hours = q == 2 ? 2 : (int)model_any(m, 2);
		queue->ladder = (int)model_any(m, LADDERS);
		queue->retry = (int)model_any(m, 2);
		queue->window = q == 2 ? 0 : (int)model_any(m, 3);
		(void)memcpy(queue->target, targets[which],
			     sizeof queue->target);
		queue->target[1][0] += q * 120000;
	}
	m->weight[0] = model_any(m, 2) == 0 ? 16 : 8;
	m->weight[1] = model_any(m, 2) == 0 ? 5 : 2.5;
	m->weight[2] = 1;
	m->retry_share = model_any(m, 2) == 0 ? 0 : 0.5;
	m->hold_ms = (int64_t)(5 + model_any(m, 10)) * SITE_MIN;
	m->hold_max_ms = 2 * m->hold_ms;
	send_policy(m);
}

/* ---- time, duty --------------------------------------------------------- */

void
model_wrote(struct model *m)
{
	int64_t now = m->site->now_ms;

	/* Set back: the clocks stand where they stood and go on from there. */
	for (int q = 0; q < QUEUES && now > m->seen; q++)
		m->queues[q].clock +=
		    model_open_ms(model_hours(m, q), m->seen, now);
	m->seen = now;
}

void
model_saw(struct model *m, int agent)
{
	m->agents[agent].ever = true;
	if (!m->agents[agent].paused)
		m->agents[agent].seen = m->site->now_ms;
}

bool
model_on_duty(const struct model *m, int agent)
{
	const struct agent *a = &m->agents[agent];

	return !a->paused && a->ever && a->seen >= m->site->now_ms - DUTY_MS;
}

bool
model_in_group(const struct model *m, int agent, const char *group)
{
	return strstr(m->agents[agent].groups, group) != NULL;
}

bool
model_group_on_duty(const struct model *m, const char *group)
{
	for (int i = 0; i < AGENTS; i++) {
		if (model_in_group(m, i, group) && model_on_duty(m, i))
			return true;
	}
	return false;
}

/* ---- names -------------------------------------------------------------- */

static int
place(const char *const *list, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(list[i], name) == 0)
			return i;
	}
	return -1;
}

int
model_queue(const char *name)
{
	return place(queue_names, QUEUES, name);
}

int
model_tier(const char *name)
{
	return place(tier_names, TIERS, name);
}

int
model_kind(const char *name)
{
	return place(kind_names, KINDS, name);
}

/* "a3": the third; "" is nobody. */
static int
numbered(const char *name, char letter, int most)
{
	if (name[0] != letter || name[1] == '\0')
		return -1;
	return name[1] - '0' < most && name[2] == '\0' ? name[1] - '0' : -1;
}

int
model_agent(const char *name)
{
	return numbered(name, 'a', AGENTS);
}

int
model_customer(const char *id)
{
	return numbered(id, 'k', CUSTOMERS);
}

void
model_phone_name(int phone, char buf[16])
{
	(void)snprintf(buf, 16, "+4917000%02d", phone);
}

int
model_phone(const char *number)
{
	return strlen(number) == 10 ? (int)strtol(number + 8, NULL, 10) : -1;
}

int
model_phone_owner(const struct model *m, int phone)
{
	for (int i = 0; i < CUSTOMERS; i++) {
		if (m->customers[i].exists &&
		    (m->customers[i].phones & (1U << phone)) != 0)
			return i;
	}
	return -1;
}

int
model_tier_of(const struct customer *c)
{
	int t = 0;

	if (c->tier >= 0)
		return c->tier;
	while (c->value < tier_values[t])
		t++;
	return t;
}

/* ---- the whole ---------------------------------------------------------- */

static void
make_agents(struct model *m)
{
	static const char *const groups[AGENTS] = {
		"", "", "", "leads", "leads,bosses", "bosses"
	};

	for (int i = 0; i < AGENTS; i++) {
		struct agent *a = &m->agents[i];

		(void)snprintf(a->name, sizeof a->name, "a%d", i);
		a->groups = groups[i];
		a->rank = i < 3 ? 1 : i < 5 ? 2 : 3;
	}
}

struct model *
model_new(struct site *site, uint64_t seed)
{
	struct model *m = calloc(1, sizeof *m);

	if (m == NULL)
		abort();
	m->site = site;
	m->seed = seed;
	m->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	m->seen = site->now_ms;
	for (int q = 0; q < QUEUES; q++)
		m->queues[q].name = queue_names[q];
	make_agents(m);
	make_calendars(m);
	for (int i = 0; i < CUSTOMERS; i++)
		(void)snprintf(m->customers[i].id, sizeof m->customers[i].id,
			       "k%d", i);
	model_repolicy(m);
	return m;
}

void
model_free(struct model *m)
{
	free(m);
}
