/* redis_set_parts.h -- what the files of redis_set share, and nobody else. */
#ifndef RB_TESTS_HARNESS_REDIS_SET_PARTS_H
#define RB_TESTS_HARNESS_REDIS_SET_PARTS_H

#include "tests/harness/port.h"
#include "tests/harness/redis_set.h"

#define MOST_SERVERS 6
#define MOST_SENTINELS 5
#define START_LIMIT_MS 30000

struct redis_set {
	struct redis_set_options options;
	struct redis *server[MOST_SERVERS], *sentinel[MOST_SENTINELS];
	size_t servers, sentinels;
	/* Of a cluster: */
	struct port bus[MOST_SERVERS];
	char id[MOST_SERVERS][48];
	int slot; /* that moves; -1: none */
	size_t from, to;
};

_Noreturn void set_give_up(const char *what);

typedef bool set_holds(struct redis_set *, const void *);
bool set_until(struct redis_set *, set_holds *, const void *of, int limit_ms);

/* set_awake: it runs and is not frozen. */
bool set_awake(const struct redis *);
const char *set_port(const struct redis *, char text[8]);
/* set_field: INFO of that section has the line. */
bool set_field(struct redis *, const char *section, const char *line);

/* set_server: one more, with those lines in its file. */
struct redis *set_server(const struct redis_set *, const char *lines);
struct redis_set *set_new(const struct redis_set_options *);

/* set_follow: each server but this one is its replica and in step. */
bool set_follow(struct redis_set *, const void *master);
void set_start_sentinels(struct redis_set *);

#endif
