#include "daemon/store/trouble.h"

#include <stdio.h>
#include <string.h>

#include <hiredis/hiredis.h>

static const struct trouble table[] = {
	{ "LOADING ", true, false, "it is loading its data" },
	{ "READONLY ", true, false, "it has become a replica, not the master" },
	{ "MASTERDOWN ", true, false, "it is a replica without its master" },
	{ "UNBLOCKED ", true, false,
	  "it has become a replica, or the site moves" },
	{ "NOAUTH ", true, false,
	  "it wants a password: see redis_secret_file" },
	{ "WRONGPASS ", true, false, "it refuses the user or its password" },
	{ "NOPERM ", true, false,
	  "its user may not do what ringback needs: give it the ACL rule of "
	  "ringbackd(8)" },
	{ "MOVED ", true, false, "the site has moved to another node" },
	{ "ASK ", false, false, "the site is moving to another node" },
	{ "TRYAGAIN ", false, false, "the site is moving to another node" },
	{ "CLUSTERDOWN ", false, false, "the Cluster is not complete" },
	{ "BUSY ", false, false, "it is busy with a script of somebody else" },
	{ "OOM ", false, false, "it is full: maxmemory is reached" },
	{ "MISCONF ", false, false, "it cannot write to its disk" },
	{ "NOREPLICAS ", false, false,
	  "it has fewer replicas than its min-replicas-to-write" },
	{ "NOPOLICY ", false, true,
	  "it does not have this site's configuration yet; it is being "
	  "written" },
	{ "FOREIGN ", false, true,
	  "something else writes into ringback's part of it" },
	{ "WRONGTYPE ", false, false,
	  "something else writes into ringback's part of it: a key of one "
	  "customer or item is of another kind than ringback made it" },
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

static const struct trouble *
row_of(const char *error)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (begins(error, table[i].word))
			return &table[i];
	}
	return NULL;
}

const struct trouble *
trouble_find(const char *error)
{
	const struct trouble *t = row_of(error);

	return t != NULL && (t->ours || !is_from_inside(error)) ? t : NULL;
}

bool
trouble_is_right(const char *error)
{
	return begins(error, "NOPERM ") ||
	       strstr(error, "The user executing the script") != NULL;
}

const struct trouble *
trouble_inside(const char *error)
{
	if (!is_from_inside(error))
		return NULL;
	return row_of(trouble_is_right(error) ? "NOPERM " : error);
}

bool
trouble_passes(const char *error)
{
	return row_of(error) != NULL || trouble_inside(error) != NULL ||
	       begins(error, "NOSCRIPT ") || begins(error, "ERR Library") ||
	       strstr(error, "Function not found") != NULL;
}

/* The key, as the library names it, without what Redis adds. */
static void
tell_foreign(char *buf, size_t size, const struct trouble *t, const char *error)
{
	const char *key = error + strlen(t->word);
	const char *end = strstr(key, " script: ");
	int len = (int)(end != NULL ? (size_t)(end - key) : strlen(key));

	(void)snprintf(buf, size, "%s: the key %.*s", t->why, len, key);
}

void
trouble_tell(char *buf, size_t size, const char *error)
{
	const struct trouble *t = trouble_find(error);

	if (t == NULL)
		t = trouble_inside(error);
	if (t != NULL && begins(t->word, "FOREIGN "))
		tell_foreign(buf, size, t, error);
	else
		(void)snprintf(buf, size, "%s", t != NULL ? t->why : "");
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
	return trouble_inside(reply->str) != NULL ? STORE_UNKNOWN
						  : STORE_REFUSED;
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
