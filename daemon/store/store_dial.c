#include "daemon/store/store.h"

#include <stddef.h>

#include "daemon/store/store_call.h"

/* Calling a customer back: what the site knows of it. */

void
store_dial(struct store *st, const struct actor *who,
	   const struct store_dial *d, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_dial", who->name, who->groups,
		     d->id, d->fence, d->call, d->phone, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_dialling(struct store *st, const struct actor *who,
	       const struct store_dialled *d, const char *state,
	       store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_dialling", who->name, NULL);

	call_set_actor(c, who);
	call_add_int(c, d->number);
	call_add(c, d->call);
	call_add(c, state);
	call_send(c);
}

void
store_dialled(struct store *st, const struct actor *who,
	      const struct store_dialled *d, store_done *done, void *cookie)
{
	struct call *c =
	    call_new(st, done, cookie, "rb1_dialled", who->name, NULL);

	call_set_actor(c, who);
	call_add_int(c, d->number);
	call_add(c, d->call);
	call_add(c, d->result);
	call_add(c, d->outcome);
	call_add_int(c, d->talked_s);
	call_send(c);
}

void
store_agent_phone(struct store *st, const struct actor *who, const char *agent,
		  const char *phone, store_done *done, void *cookie)
{
	struct call *c = call_new(st, done, cookie, "rb1_agent_phone", agent,
				  phone, who->name, NULL);

	call_set_actor(c, who);
	call_send(c);
}

void
store_phones(struct store *st, store_done *done, void *cookie)
{
	call_send(call_new(st, done, cookie, "rb1_phones", NULL));
}
