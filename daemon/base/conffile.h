/* conffile.h -- the text of a configuration file, in memory and made safe to
 * hand to libConfuse: a regular file of bounded size, UTF-8 without control
 * characters, lines ended by LF alone, comments blanked out, every text closed
 * in its line, nothing that would be expanded or dropped. */
#ifndef RB_BASE_CONFFILE_H
#define RB_BASE_CONFFILE_H

#include "daemon/base/fault.h"
#include "daemon/base/text.h"

/* conffile_read: the text ends with a line feed; *ret_lines is their number.
 * A byte order mark and the CR of CR LF are dropped.  -1 with the fault. */
int conffile_read(struct text *ret, int *ret_lines, const char *path,
		  struct fault *);

#endif
