/* import.h -- customers from a CSV file.  A row that is refused is named by its
 * line; the others go in. */
#ifndef RB_CLIENT_IMPORT_H
#define RB_CLIENT_IMPORT_H

#include "client/cmd.h"

verb_run import_customers;

#endif
