/* confvalue.h -- the values of a configuration: strict reading of one option
 * from the words that stand in the file, by its type and limits.  Pure. */
#ifndef RB_BASE_CONFVALUE_H
#define RB_BASE_CONFVALUE_H

#include "daemon/base/conftable.h"
#include "daemon/base/fault.h"

bool confvalue_is_list(enum conf_type);

/* confvalue_read: -1 with what would be right ("write a duration such as
 * \"15m\""), the number of the word that is wrong in *ret_wrong, and the field
 * untouched. */
int confvalue_read(void *field, const struct conf_option *,
		   const struct conf_texts *words, size_t *ret_wrong,
		   struct fault *help);

/* confvalue_default: the field as option->otherwise has it; no limits. */
void confvalue_default(void *field, const struct conf_option *);

void confvalue_free(void *field, enum conf_type);
bool confvalue_same(const void *a, const void *b, enum conf_type);

#endif
