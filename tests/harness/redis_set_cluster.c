/* The nodes of a cluster, and its slots. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/redis_set_parts.h"

#define SLOTS 16384
#define MIGRATE_LIMIT_MS "5000"

/* ---- a cluster ---------------------------------------------------------- */

static void
start_node(struct redis_set *s, size_t i)
{
	char lines[128];

	s->bus[i] = port_reserve();
	(void)snprintf(lines, sizeof lines,
		       "cluster-enabled yes\ncluster-port %u\n"
		       "cluster-node-timeout 1000\n",
		       (unsigned)s->bus[i].number);
	s->server[i] = set_server(s, lines);
	(void)snprintf(s->id[i], sizeof s->id[i], "%s",
		       redis_str(s->server[i], "CLUSTER", "MYID", NULL));
}

/* Each with an epoch of its own: else two of one epoch would have to settle
 * that first. */
static void
join_node(struct redis_set *s, size_t i)
{
	char epoch[24], first[24], last[24], port[8], bus[8];

	(void)snprintf(epoch, sizeof epoch, "%zu", i + 1);
	(void)snprintf(first, sizeof first, "%zu", SLOTS * i / s->servers);
	(void)snprintf(last, sizeof last, "%zu",
		       SLOTS * (i + 1) / s->servers - 1);
	redis_must(s->server[i], "CLUSTER", "SET-CONFIG-EPOCH", epoch, NULL);
	redis_must(s->server[i], "CLUSTER", "ADDSLOTSRANGE", first, last, NULL);
	if (i == 0)
		return;
	(void)snprintf(bus, sizeof bus, "%u", (unsigned)s->bus[i].number);
	redis_must(s->server[0], "CLUSTER", "MEET", "127.0.0.1",
		   set_port(s->server[i], port), bus, NULL);
}

static bool
is_well(struct redis_set *s, const void *unused)
{
	char nodes[40];

	(void)unused;
	(void)snprintf(nodes, sizeof nodes, "cluster_known_nodes:%zu\r",
		       s->servers);
	for (size_t i = 0; i < s->servers; i++) {
		const char *info;

		if (!set_awake(s->server[i]))
			return false;
		info = redis_str(s->server[i], "CLUSTER", "INFO", NULL);
		if (strstr(info, "cluster_state:ok") == NULL ||
		    strstr(info, nodes) == NULL)
			return false;
	}
	return true;
}

bool
redis_set_well(struct redis_set *s, int limit_ms)
{
	return set_until(s, is_well, NULL, limit_ms);
}

int
redis_set_slot(struct redis_set *s, const char *key)
{
	for (size_t i = 0; i < s->servers; i++) {
		if (set_awake(s->server[i]))
			return (int)redis_int(s->server[i], "CLUSTER",
					      "KEYSLOT", key, NULL);
	}
	set_give_up("no node is awake");
}

static bool
holds_slot(redisReply *list, int slot, const char *id)
{
	for (size_t i = 0; i < list->elements; i++) {
		const redisReply *one = list->element[i];

		if (one->elements >= 3 && one->element[0]->integer <= slot &&
		    one->element[1]->integer >= slot &&
		    one->element[2]->elements >= 3 &&
		    strcmp(one->element[2]->element[2]->str, id) == 0)
			return true;
	}
	return false;
}

size_t
redis_set_owner(struct redis_set *s, int slot)
{
	for (size_t i = 0; i < s->servers; i++) {
		redisReply *list;
		bool mine;

		if (!set_awake(s->server[i]))
			continue;
		list = redis_do(s->server[i], "CLUSTER", "SLOTS", NULL);
		mine = holds_slot(list, slot, s->id[i]);
		freeReplyObject(list);
		if (mine)
			return i;
	}
	return SIZE_MAX;
}

/* ---- a slot moves ------------------------------------------------------- */

static void
set_slot(struct redis_set *s, size_t node, const char *state, size_t other)
{
	char slot[8];

	(void)snprintf(slot, sizeof slot, "%d", s->slot);
	redis_must(s->server[node], "CLUSTER", "SETSLOT", slot, state,
		   s->id[other], NULL);
}

void
redis_set_move_begin(struct redis_set *s, int slot, size_t to)
{
	if (s->slot >= 0)
		set_give_up("a slot moves already");
	s->from = redis_set_owner(s, slot);
	if (s->from >= s->servers || s->from == to)
		set_give_up("nobody to move the slot from");
	s->slot = slot;
	s->to = to;
	set_slot(s, to, "IMPORTING", s->from);
	set_slot(s, s->from, "MIGRATING", to);
}

/* MIGRATE says NOKEY where all have expired meanwhile: also then they are gone.
 */
static void
migrate(struct redis_set *s, const redisReply *keys)
{
	const char **args = calloc(keys->elements + 7, sizeof *args);
	redisReply *reply;
	char port[8];
	int n = 0;

	if (args == NULL)
		set_give_up("no memory");
	args[n++] = "MIGRATE";
	args[n++] = "127.0.0.1";
	args[n++] = set_port(s->server[s->to], port);
	args[n++] = "";
	args[n++] = "0";
	args[n++] = MIGRATE_LIMIT_MS;
	args[n++] = "KEYS";
	for (size_t i = 0; i < keys->elements; i++)
		args[n++] = keys->element[i]->str;
	reply = redis_call(s->server[s->from], n, args);
	if (reply->type == REDIS_REPLY_ERROR)
		set_give_up(reply->str);
	freeReplyObject(reply);
	free(args);
}

bool
redis_set_move_step(struct redis_set *s, int most)
{
	char slot[12], count[12];
	redisReply *keys;
	bool any;

	if (s->slot < 0)
		set_give_up("no slot moves");
	(void)snprintf(slot, sizeof slot, "%d", s->slot);
	(void)snprintf(count, sizeof count, "%d", most);
	keys = redis_do(s->server[s->from], "CLUSTER", "GETKEYSINSLOT", slot,
			count, NULL);
	any = keys->elements > 0;
	if (any)
		migrate(s, keys);
	freeReplyObject(keys);
	return any;
}

/* The new one is told first, as redis-cli does it: else the slot would for a
 * moment be nobody's. */
void
redis_set_move_finish(struct redis_set *s)
{
	while (redis_set_move_step(s, 100))
		;
	set_slot(s, s->to, "NODE", s->to);
	set_slot(s, s->from, "NODE", s->to);
	for (size_t i = 0; i < s->servers; i++) {
		if (i != s->to && i != s->from && set_awake(s->server[i]))
			set_slot(s, i, "NODE", s->to);
	}
	s->slot = -1;
}

/* ---- begin -------------------------------------------------------------- */

struct redis_set *
redis_set_cluster(size_t nodes, const char *const *extra)
{
	const struct redis_set_options o = { .replicas = nodes - 1,
					     .extra = extra };
	struct redis_set *s = set_new(&o);

	for (size_t i = 0; i < nodes; i++)
		start_node(s, i);
	s->servers = nodes;
	for (size_t i = 0; i < nodes; i++)
		join_node(s, i);
	if (!redis_set_well(s, START_LIMIT_MS))
		set_give_up("the cluster does not become well");
	return s;
}
