#include "daemon/store/store.h"

#include <stddef.h>

#include "daemon/store/store_call.h"

/* How the sources do: what this daemon tells of them, and what all know. */

void
store_feed(struct store *st, const struct store_feed *f, store_done *done,
	   void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_feed",
				  store_daemon(st), f->name, NULL);

	call_add_int(c, f->heard_ms);
	call_add_fields(c, f->fields);
	call_send(c);
}

void
store_sources(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_sources", NULL));
}
