#include "client/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
out_of_memory(void)
{
	fputs("ringback: out of memory\n", stderr);
	abort();
}

void *
buf_alloc(size_t size)
{
	void *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

char *
buf_dup(const char *s)
{
	char *copy;
	size_t len;

	if (s == NULL)
		return NULL;
	len = strlen(s) + 1;
	copy = buf_alloc(len);
	memcpy(copy, s, len);
	return copy;
}

void
buf_add(struct buf *b, const char *s, size_t len)
{
	if (b->len + len + 1 > b->size) {
		size_t size = (b->len + len + 1) * 2;
		char *data = realloc(b->data, size);

		if (data == NULL) {
			out_of_memory();
			return;
		}
		b->data = data;
		b->size = size;
	}
	if (len > 0)
		memcpy(b->data + b->len, s, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		if (b->data != NULL)
			b->data[0] = '\0';
		return;
	}
	memmove(b->data, b->data + n, b->len - n + 1);
	b->len -= n;
}

void
buf_done(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof *b);
}
