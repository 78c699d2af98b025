/* table.h -- rows and columns on standard output, by libsmartcols.  Cells are
 * cleaned.  What is too wide for the terminal is cut, with "..", in the columns
 * that may be; where that is not enough, columns are left out by their rank. */
#ifndef RB_CLIENT_TABLE_H
#define RB_CLIENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "client/page.h"

struct table;

enum table_column { TABLE_LEFT, TABLE_RIGHT, TABLE_CUT };

struct table_head {
	const char *name;
	enum table_column kind;
	int rank; /* 0: always there; the greatest is left out first */
};

/* table_new: count columns, at most 12; the heads are borrowed. */
struct table *table_new(struct page *, const struct table_head *, size_t count);
void table_row(struct table *, const char *const *cells);
/* table_keep: the last row's cell is never cut. */
void table_keep(struct table *, size_t column);
/* table_alarm: the last row's cell is red where there is colour. */
void table_alarm(struct table *, size_t column);
/* table_end: prints it and frees it. */
void table_end(struct table *);
void table_drop(struct table *); /* without printing it */

#endif
