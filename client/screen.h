/* screen.h -- a whole terminal that is drawn again and again: an upper part,
 * cut where there is no room, and a lower part that is always seen. */
#ifndef RB_CLIENT_SCREEN_H
#define RB_CLIENT_SCREEN_H

#include <stdbool.h>

struct screen {
	bool dumb;  /* cannot place the cursor: print when something changed */
	char *last; /* owned: what stands there */
};

/* screen_rows: how many lines the terminal has now. */
int screen_rows(void);
void screen_open(struct screen *);
void screen_close(struct screen *);
/* screen_draw: changed: more than clocks differ from the last time. */
void screen_draw(struct screen *, const char *upper, const char *lower,
		 bool changed);
/* screen_call: the bell, and the terminal's title. */
void screen_call(struct screen *, const char *title);

#endif
