/* confwords.h -- what libConfuse complains about, in our words.  Whatever is
 * returned is a sentence, freed by the caller. */
#ifndef RB_BASE_CONFWORDS_H
#define RB_BASE_CONFWORDS_H

#include <confuse.h>
#include <stdbool.h>
#include <stddef.h>

/* confwords_section: 'tier "gold"', or "the file" at the top. */
void confwords_section(char *buf, size_t size, const cfg_t *);

/* confwords_quoted: the name within the single quotes of a message. */
void confwords_quoted(char *buf, size_t size, const char *message);

/* confwords_unknown: no such option here; the nearest or all there are, but
 * for `hidden`.  astray: it is one of the file's own. */
char *confwords_unknown(const cfg_t *, const char *name, const char *hidden,
			bool astray);

/* confwords_syntax: any other message. */
char *confwords_syntax(const char *message);

#endif
