/* customers.h -- the verb customers: the directory of those who call. */
#ifndef RB_CLIENT_CUSTOMERS_H
#define RB_CLIENT_CUSTOMERS_H

#include "client/cmd.h"

verb_run customers_run;

/* customers_field: puts one member of a customer, from text as it stands in a
 * file or on the command line ("8400", "yes", "+49...; +49..."), into the JSON.
 * 0, or -1 with a sentence that names the field. */
int customers_field(json_t *, const char *name, const char *value, char *why,
		    size_t size);
/* customers_fields: all the names, "id, name, ...". */
const char *customers_fields(void);
bool customers_is_field(const char *name);

#endif
