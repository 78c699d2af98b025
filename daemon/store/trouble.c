#include "daemon/store/trouble.h"

#include <string.h>

#include <hiredis/hiredis.h>

static const struct trouble table[] = {
	{ "LOADING ", true, "it is loading its data" },
	{ "READONLY ", true, "it has become a replica, not the master" },
	{ "MASTERDOWN ", true, "it is a replica without its master" },
	{ "UNBLOCKED ", true, "it has become a replica, or the site moves" },
	{ "NOAUTH ", true, "it wants a password: see redis_secret_file" },
	{ "WRONGPASS ", true, "it refuses the user or its password" },
	{ "NOPERM ", true,
	    "its user may not do what ringback needs: give it the ACL rule of "
	    "ringbackd(8)" },
	{ "MOVED ", true, "the site has moved to another node" },
	{ "ASK ", false, "the site is moving to another node" },
	{ "TRYAGAIN ", false, "the site is moving to another node" },
	{ "CLUSTERDOWN ", false, "the Cluster is not complete" },
	{ "BUSY ", false, "it is busy with a script of somebody else" },
	{ "OOM ", false, "it is full: maxmemory is reached" },
	{ "MISCONF ", false, "it cannot write to its disk" },
	{ "NOREPLICAS ", false,
	    "it has fewer replicas than its min-replicas-to-write" },
};

static bool
begins(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Redis 7 adds to what a command of a function raised: " script: rb1_x, on
 * @user_function:12." */
static bool
is_from_inside(const char *error)
{
	return strstr(error, " script: ") != NULL;
}

const struct trouble *
trouble_find(const char *error)
{
	if (is_from_inside(error))
		return NULL;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (begins(error, table[i].word))
			return &table[i];
	}
	return NULL;
}

bool
trouble_is_right(const char *error)
{
	return begins(error, "NOPERM ") ||
	    strstr(error, "The user executing the script") != NULL;
}

bool
trouble_inside(const char *error)
{
	if (!is_from_inside(error))
		return false;
	if (trouble_is_right(error))
		return true;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (begins(error, table[i].word))
			return true;
	}
	return false;
}

enum store_end
trouble_end(const redisReply *reply, const struct trouble **ret)
{
	const struct trouble *t;

	if (reply->type != REDIS_REPLY_ERROR)
		return STORE_DONE;
	t = trouble_find(reply->str);
	if (t != NULL) {
		*ret = t;
		return STORE_NOT_SENT;
	}
	return trouble_inside(reply->str) ? STORE_UNKNOWN : STORE_REFUSED;
}

bool
trouble_no_function(const struct redisReply *r)
{
	return r != NULL && r->type == REDIS_REPLY_ERROR &&
	    strstr(r->str, "Function not found") != NULL;
}

bool
trouble_is_moved(const char *error)
{
	return begins(error, "MOVED ");
}
