/* intake.h -- the one way by which events come in: to Redis first, and into
 * the journal where Redis is away, does not answer in time, or takes nothing
 * at present.  What is accepted is kept. */
#ifndef RB_STORE_INTAKE_H
#define RB_STORE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/store/store.h"

struct intake;
struct journal;
struct record;

/* intake_new: borrows both; without a journal (NULL) events end as the store
 * ends them.  patience_ms: so long Redis may be silent. */
struct intake *intake_new(struct store *, struct journal *,
			  int64_t patience_ms);
void intake_set_patience(struct intake *, int64_t ms);
void intake_free(struct intake *); /* when none is open; NULL is allowed */

/* intake_event: as store_event, with one ending more: STORE_KEPT.  The event is
 * borrowed until then.  Where Redis may have taken one that is kept besides,
 * its UUID makes both one. */
void intake_event(struct intake *, const char *uuid, const struct record *event,
		  store_done *, void *cookie);

/* intake_can_keep: there is a journal, and for all that is known it takes more.
 * intake_keep: the same as intake_event, but into the journal at once: for more
 * than Redis takes in good time.  Where there is none, it is intake_event. */
bool intake_can_keep(const struct intake *);
void intake_keep(struct intake *, const char *uuid, const struct record *event,
		 store_done *, void *cookie);

/* intake_is_passing: this ending of an event says nothing about the event: it
 * can be taken later as it is. */
bool intake_is_passing(enum store_end, const struct store_answer *);

#endif
