/* keys.h -- single keys from the terminal. */
#ifndef RB_CLIENT_KEYS_H
#define RB_CLIENT_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key_code {
	KEY_NONE = 0, /* something without a meaning here, such as an arrow */
	KEY_TEXT,     /* a character, in text */
	KEY_ENTER,
	KEY_ESC,
	KEY_BACK,  /* erase the last character */
	KEY_CLEAR, /* erase the line */
	KEY_STOP,  /* Ctrl-C, Ctrl-D, or the terminal is gone */
	KEY_REDRAW
};

struct key {
	enum key_code code;
	char text[5]; /* UTF-8 */
};

/* keys_decode: the key that begins at buf; returns how many bytes it took,
 * 0 where len is 0.  What came in one read belongs together: an ESC alone is
 * the key, an ESC with more is a sequence. */
size_t keys_decode(struct key *ret, const unsigned char *buf, size_t len);

/* keys_open: the terminal gives single keys, unechoed, until keys_close (also
 * at exit).  -1 where standard input is no terminal. */
int keys_open(void);
void keys_close(void);

/* A line being typed. */
struct typed {
	char text[1024];
};
/* typed_key: true where the key changed the line. */
bool typed_key(struct typed *, const struct key *);

#endif
