/* buf.h -- a growing buffer of bytes, always NUL-terminated.  Without memory
 * the command ends: it holds nothing that could be saved. */
#ifndef RB_CLIENT_BUF_H
#define RB_CLIENT_BUF_H

#include <stddef.h>

/* {0} is an empty one. */
struct buf {
	char *data; /* owned; NULL while empty */
	size_t len;
	size_t size;
};

void buf_add(struct buf *, const char *, size_t len);
void buf_str(struct buf *, const char *);
/* buf_cut: forgets the first n bytes (or all). */
void buf_cut(struct buf *, size_t n);
void buf_done(struct buf *);

/* Memory that is never NULL; zeroed.  Freed with free(). */
void *buf_alloc(size_t size);
char *buf_dup(const char *); /* NULL gives NULL */

#endif
