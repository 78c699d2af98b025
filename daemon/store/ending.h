/* ending.h -- how a call to Redis can end.  There are four ways, not two; and
 * an event that Redis did not take can be kept on disk. */
#ifndef RB_STORE_ENDING_H
#define RB_STORE_ENDING_H

enum store_end {
	STORE_DONE,     /* it ran; the answer's word says how */
	STORE_REFUSED,  /* it did not run: Redis refused it (its sentence is told) */
	STORE_NOT_SENT, /* nothing happened: retry freely (503) */
	STORE_UNKNOWN,  /* sent, no answer: it may have run (504) */
	STORE_KEPT,     /* an event, synced in the journal (202): from intake only */
};

#endif
