/* originate.h -- calling a customer back through a telephone system: it rings
 * the agent's phone, and when he picks up, the customer's. */
#ifndef RB_SOURCES_ORIGINATE_H
#define RB_SOURCES_ORIGINATE_H

#include <stdint.h>

/* All texts are copied by who takes the order. */
struct originate {
	const char *id;        /* a UUID of this call, ours */
	const char *phone;     /* the agent's: digits, at most 15 */
	const char *number;    /* the customer's, E.164 */
	const char *caller_id; /* E.164, what his display shows; "" for none */
	int64_t agent_ms;      /* so long the agent's phone rings */
	int64_t customer_ms;   /* and the customer's */
};

enum originate_state {
	ORIGINATE_AGENT,    /* the agent's phone rings */
	ORIGINATE_CUSTOMER, /* he picked up, the customer's rings */
	ORIGINATE_TALKING,  /* somebody or something answered there */
	ORIGINATE_ENDED,
};

enum originate_result { /* when it has ended */
			ORIGINATE_TALKED,
			ORIGINATE_NO_ANSWER, /* of the customer */
			ORIGINATE_BUSY,
			ORIGINATE_BAD_NUMBER, /* there is none such */
			ORIGINATE_REFUSED, /* congestion, no route, rejected */
			ORIGINATE_AGENT_NO_ANSWER,
			ORIGINATE_AGENT_BUSY,
			ORIGINATE_AGENT_AWAY, /* his phone is not there, or
						 refused */
			ORIGINATE_GIVEN_UP, /* the agent hung up before anybody
					       answered */
			ORIGINATE_LOST,     /* the telephone system went away
					       meanwhile */
};

struct originate_news {
	enum originate_state state;
	enum originate_result result; /* of ENDED only */
	int64_t talked_ms;            /* of ENDED: 0 unless TALKED */
	const char *why; /* in the system's own words, cleaned; "" */
};

/* States only move forward; some may be left out; ENDED comes exactly once and
 * is the last.  Never called from inside the call that ordered it. */
typedef void originate_told(void *cookie, const struct originate_news *);

#endif
