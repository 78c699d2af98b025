/* journal_talk.h -- what the daemon and the keeper of its journal say to each
 * other: messages over a stream between two processes of one program. */
#ifndef RB_STORE_JOURNAL_TALK_H
#define RB_STORE_JOURNAL_TALK_H

#include <stddef.h>
#include <stdint.h>

struct text;

enum journal_kind {
	/* to the keeper */
	TALK_APPEND =
	    1,       /* at_ms, data: answered by KEPT or NOT_KEPT, in order */
	TALK_NEXT,   /* number: at most so many records; then END */
	TALK_DONE,   /* number: this record and all before it */
	TALK_REFUSE, /* number: put it aside; answered by ASIDE or NOT_ASIDE */
	/* from it */
	TALK_READY,     /* it is open */
	TALK_FAILED,    /* data: why not, a sentence; it ends then */
	TALK_KEPT,      /* synced */
	TALK_NOT_KEPT,  /* data: why, a sentence */
	TALK_RECORD,    /* number, at_ms, data */
	TALK_END,       /* number: so many records were told */
	TALK_ASIDE,     /* number */
	TALK_NOT_ASIDE, /* number; data: why, a sentence */
	TALK_FIGURES,   /* data: a struct journal_figures */
	TALK_SAID,      /* data: a sentence for the log */
};

struct journal_message {
	uint32_t kind, len; /* of the data that follows */
	uint64_t number;
	int64_t at_ms;
};

/* No message has more data. */
#define TALK_MOST_DATA 65536

/* talk_add: one message to the end of the buffer. */
void talk_add(struct text *, const struct journal_message *, const void *data);

/* talk_take: the message at the front of so many bytes; returns its size with
 * the data, which stands behind the head, or 0 while it is not whole. */
size_t talk_take(struct journal_message *ret, const char *bytes, size_t len);

#endif
