/* table.h -- the API on one screen: method, path, least role, handler. */
#ifndef RB_API_TABLE_H
#define RB_API_TABLE_H

#include <stddef.h>

#include "daemon/api/route.h"

extern const struct route api_table[];
extern const size_t api_table_count;

#endif
