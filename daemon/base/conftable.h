/* conftable.h -- a table of options, and what their values are in a struct. */
#ifndef RB_BASE_CONFTABLE_H
#define RB_BASE_CONFTABLE_H

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

#endif
