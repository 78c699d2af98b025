/* conf.h -- libConfuse behind one table of options: read a file into a plain
 * struct, name the line of whatever is wrong, free, compare for a reload.
 *
 * What libConfuse would let pass is refused here: a file that was cut off, an
 * option given twice, a title given twice, texts that run over lines, and
 * "${NAME}", which it would replace by the environment. */
#ifndef RB_BASE_CONF_H
#define RB_BASE_CONF_H

#include "daemon/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conf_texts {
	char **list; /* owned, each too */
	size_t count;
};
struct conf_numbers {
	int64_t *list; /* owned */
	size_t count;
};
struct conf_reals {
	double *list; /* owned */
	size_t count;
};

enum conf_type {
	CONF_TEXT,      /* char *, owned */
	CONF_NAME,      /* char *, owned; text_is_name, or "" as the default */
	CONF_NAMES,     /* struct conf_texts */
	CONF_TEXTS,     /* struct conf_texts */
	CONF_BOOL,      /* bool */
	CONF_INT,       /* int64_t */
	CONF_REAL,      /* double */
	CONF_REALS,     /* struct conf_reals */
	CONF_DURATION,  /* int64_t, ms; "15m" */
	CONF_DURATIONS, /* struct conf_numbers, ms */
	CONF_PERCENT,   /* int64_t; "75%" */
	CONF_CLOCK,     /* int64_t, minutes since midnight; "09:00" */
	CONF_SECTION,   /* an array, and its size_t count at at_count */
};

struct conf_option {
	const char *in;   /* the section: "", "tier", "ladder.step" */
	const char *name; /* "" is the title of the section */
	enum conf_type type;
	size_t at;             /* offset in the struct of the section */
	const char *otherwise; /* as it would be written (lists: with blanks
	                        * between); NULL: it must be given */
	int64_t min, max;      /* numbers, ms, percents; texts and names: bytes;
	                        * lists: of each member, at most 64 of them */
	bool reload;           /* a reload may change it */
	size_t at_count, size; /* sections: where the count is; one element */
};

struct conf_table {
	const struct conf_option *options; /* borrowed, as long as it is used */
	size_t count;
};

struct conf_file; /* knows the line of every field that was read */

/* conf_read: fill the zeroed struct `into`.  -1 with a fault "FILE:LINE: ..."
 * and nothing left in the struct.  One read at a time: libConfuse's lexer is
 * global. */
int conf_read(struct conf_file **ret, void *into, const struct conf_table *,
    const char *path, struct fault *);
/* conf_free: what the fields own; they are NULL and 0 afterwards. */
void conf_free(void *into, const struct conf_table *);
void conf_file_free(struct conf_file *); /* NULL is allowed */

/* conf_fault: "FILE:LINE: " of the field (an address within the struct; a
 * section is found by the address of its title) and the sentence.  -1. */
int conf_fault(const struct conf_file *, const void *field, struct fault *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* conf_fixed_change: the name of the first option at the top that differs
 * although a reload may not change it, or NULL. */
const char *conf_fixed_change(
    const struct conf_table *, const void *a, const void *b);

/* conf_option_print: "site", "tier" (its title), "tier.callback". */
void conf_option_print(char *buf, size_t size, const struct conf_option *);

#endif
