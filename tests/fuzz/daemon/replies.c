/* What calls itself Redis: replies in pieces, as answers of the store, and on
 * to the JSON of the API.  The first byte is the length of the pieces. */
#include <stdlib.h>
#include <string.h>

#include <hiredis/hiredis.h>

#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/policy/policy.h"
#include "daemon/store/answer.h"
#include "daemon/base/address.h"
#include "daemon/store/replies.h"
#include "daemon/store/trouble.h"
#include "daemon/store/whereabouts.h"
#include "tests/fuzz/fuzz.h"

static char site[] = "t", zone[] = "Europe/Berlin", region[] = "DE";
static const struct policy policy = { .site = site,
				      .timezone = zone,
				      .region = region };

static void
print(json_t *j)
{
	char *s = j != NULL ? json_dumps(j, JSON_COMPACT) : NULL;

	/* What goes out is JSON that can be read again. */
	if (s != NULL)
		json_decref(json_loads(s, JSON_DECODE_ANY, NULL));
	free(s);
	json_decref(j);
}

static void
tell(const struct store_answer *a)
{
	const struct record *item = answer_section(a, "item");

	print(wire_card(a, &policy));
	print(wire_nothing(a, &policy));
	print(wire_items(a, "item", &policy));
	print(wire_objects(a, "queue"));
	if (item != NULL) {
		print(wire_item(item, &policy));
		print(wire_customer(item));
	}
}

static void
take(const struct redisReply *reply)
{
	struct store_answer a;
	struct address address = { .kind = ADDRESS_UNIX };

	if (reply->type == REDIS_REPLY_ERROR) {
		(void)trouble_find(reply->str);
		(void)trouble_inside(reply->str);
		(void)whereabouts_moved(&address, reply->str, &address);
	}
	(void)whereabouts_sentinel(&address, reply);
	(void)whereabouts_cluster(&address, reply, 7, &address);
	if (answer_read(&a, reply) < 0)
		return;
	tell(&a);
	answer_done(&a);
}

FUZZ(replies)
{
	size_t step = fuzz_byte(&data, &len) + 1;
	struct replies *r = replies_new(64 * 1024, 1000);
	struct redisReply *reply;
	int rc = 0;

	for (size_t at = 0; at < len && rc >= 0; at += step) {
		size_t n = len - at < step ? len - at : step;
		char *piece = fuzz_text(data + at, n);

		rc = replies_feed(r, piece, n);
		free(piece);
		while (rc >= 0 && (rc = replies_next(r, &reply)) == 1) {
			take(reply);
			freeReplyObject(reply);
		}
	}
	replies_free(r);
}
