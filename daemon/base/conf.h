/* conf.h -- libConfuse behind one table of options: read a file into a plain
 * struct, name the line of whatever is wrong, free, compare for a reload.
 *
 * What libConfuse would let pass is refused here: a file that was cut off, an
 * option given twice, a title given twice, texts that run over lines, and
 * "${NAME}", which it would replace by the environment. */
#ifndef RB_BASE_CONF_H
#define RB_BASE_CONF_H

#include "daemon/base/conftable.h"
#include "daemon/base/fault.h"

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
const char *conf_fixed_change(const struct conf_table *, const void *a,
			      const void *b);

/* conf_option_print: "site", "tier" (its title), "tier.callback". */
void conf_option_print(char *buf, size_t size, const struct conf_option *);

#endif
