#include "daemon/store/store.h"

#include <stddef.h>

#include "daemon/store/store_call.h"

/* Of one person: told, and forgotten. */

void
store_export(struct store *st, const struct store_person *p, store_done *done,
	     void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_export", p->id, p->phone,
			   p->cursor, NULL));
}

void
store_forget(struct store *st, const struct store_person *p,
	     const struct store_forgetting *f, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_forget", p->id, p->phone,
		     p->cursor, f->salt, f->who->name, NULL);

	call_set_actor(c, f->who);
	call_send(c);
}
