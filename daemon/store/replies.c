#include "daemon/store/replies.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

struct replies {
	redisReader *reader;                 /* owned */
	const redisReplyObjectFunctions *usual; /* hiredis's own makers */
	redisReplyObjectFunctions checked;
	size_t bytes, elements; /* of the reply that is being read, at least */
	size_t max_bytes, max_elements;
};

/* hiredis allocates an array before it has seen one element of it. */
static void *
make_array(const redisReadTask *task, int count)
{
	struct replies *r = task->privdata;

	if (count > 0)
		r->elements += (size_t)count;
	if (r->elements > r->max_elements)
		return NULL;
	return r->usual->createArray(task, count);
}

struct replies *
replies_new(size_t max_bytes, size_t max_elements)
{
	struct replies *r = text_alloc(sizeof *r);

	r->max_bytes = max_bytes;
	r->max_elements = max_elements;
	r->reader = redisReaderCreate();
	if (r->reader == NULL)
		abort();
	r->usual = r->reader->fn;
	r->checked = *r->usual;
	r->checked.createArray = make_array;
	r->reader->fn = &r->checked;
	r->reader->privdata = r;
	return r;
}

void
replies_free(struct replies *r)
{
	if (r == NULL)
		return;
	redisReaderFree(r->reader);
	free(r);
}

int
replies_feed(struct replies *r, const char *data, size_t len)
{
	r->bytes += len;
	if (r->bytes > r->max_bytes)
		return -1;
	return redisReaderFeed(r->reader, data, len) == REDIS_OK ? 0 : -1;
}

int
replies_next(struct replies *r, struct redisReply **ret)
{
	void *reply = NULL;

	if (redisReaderGetReply(r->reader, &reply) != REDIS_OK)
		return -1;
	if (reply == NULL)
		return 0;
	r->bytes = r->reader->len - r->reader->pos;
	r->elements = 0;
	*ret = reply;
	return 1;
}
