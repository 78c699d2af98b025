/* property_model.h -- what the property test knows by itself, without asking
 * Redis: the clocks of the queues, the calendars, the policy, the directory,
 * who is on duty.  It is kept by other means than the library's (step by step,
 * never walked anew), so that a fault would have to be made twice. */
#ifndef RB_TESTS_STORE_PROPERTY_MODEL_H
#define RB_TESTS_STORE_PROPERTY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/site.h"

#define QUEUES 3
#define TIERS 3
#define KINDS 2
#define AGENTS 6
#define CUSTOMERS 9
#define PHONES 16
#define ZONES 3
#define MOST_STEPS 6
#define MOST_INSTANTS 400
#define CALENDARS 12

#define NEVER_UNTIL INT64_C(9000000000000000)

struct ladder_step {
	double at;
	const char *to;
	bool only;
	const char *alert;
};

struct ladder_steps {
	struct ladder_step steps[MOST_STEPS];
	int count;
};

struct calendar {
	char name[64];
	struct {
		int64_t at;
		bool opens;
	} list[MOST_INSTANTS];
	int count;
	bool known; /* to Redis */
};

struct customer {
	bool exists;
	char id[16];
	unsigned phones; /* bit by phone */
	int tier;        /* -1: by value */
	int value;
	int agent; /* -1 none */
	bool never, shared;
	int zone;
};

struct agent {
	char name[16];
	const char *groups;
	int rank;
	int64_t seen;
	bool paused, ever;
	double factor[QUEUES]; /* 0: does not serve it */
};

struct queue {
	const char *name;
	int hours, ladder, retry, window; /* which variant */
	int64_t clock;
	int64_t target[TIERS][KINDS];
};

struct model {
	struct site *site;
	uint64_t seed, random;
	int64_t seen; /* the time of the last call that writes */
	struct queue queues[QUEUES];
	double weight[TIERS];
	double retry_share;
	struct calendar calendars[CALENDARS];
	struct customer customers[CUSTOMERS];
	bool never_phone[PHONES];
	struct agent agents[AGENTS];
	int64_t hold_ms, hold_max_ms;
	int64_t last_fence;
};

extern const char *const tier_names[TIERS];
extern const char *const kind_names[KINDS];
extern const double severity_weights[3];
extern const char *const zone_names[ZONES];
extern const struct ladder_steps ladders[];

#define DUTY_MS (30 * SITE_MIN)
#define APPOINTMENT_MS (15 * SITE_MIN)
#define KEEP_MS (2 * SITE_HOUR)

struct model *model_new(struct site *, uint64_t seed);
void model_free(struct model *);

/* model_any: 0 <= n < most; model_chance: of 1000. */
unsigned model_any(struct model *, unsigned most);
bool model_chance(struct model *, unsigned of_1000);

/* model_wrote: a function that writes ran at the site's time. */
void model_wrote(struct model *);
void model_saw(struct model *, int agent);
/* model_repolicy: another policy, of the test's choice. */
void model_repolicy(struct model *);
/* model_recalendar: other hours from now on. */
void model_recalendar(struct model *);
/* model_open_zone: writes the calendars of the zone that nobody has asked for.
 */
void model_open_zone(struct model *);

/* Names to places in the tables above; -1 where there is none. */
int model_queue(const char *name);
int model_tier(const char *name);
int model_kind(const char *name);
int model_agent(const char *name);
int model_phone(const char *number);
int model_customer(const char *id);
void model_phone_name(int phone, char buf[16]);
int model_phone_owner(const struct model *, int phone); /* -1 nobody */

/* model_open: is the calendar open at t; *change (or NULL): until when. */
bool model_open(const struct calendar *, int64_t t, int64_t *change);
int64_t model_open_ms(const struct calendar *, int64_t from, int64_t to);
const struct calendar *model_hours(const struct model *, int queue);
const struct calendar *model_calendar(const struct model *, const char *name);
bool model_queue_open(const struct model *, int queue);

bool model_on_duty(const struct model *, int agent);
bool model_group_on_duty(const struct model *, const char *group);
bool model_in_group(const struct model *, int agent, const char *group);
int model_tier_of(const struct customer *);

#endif
