#include "daemon/store/journal_talk.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/text.h"

void
talk_add(struct text *out, const struct journal_message *m, const void *data)
{
	assert(m->len <= TALK_MOST_DATA);
	text_add(out, (const char *)m, sizeof *m);
	if (m->len > 0)
		text_add(out, data, m->len);
}

size_t
talk_take(struct journal_message *ret, const char *bytes, size_t len)
{
	if (len < sizeof *ret)
		return 0;
	memcpy(ret, bytes, sizeof *ret);
	assert(ret->len <= TALK_MOST_DATA);
	return len - sizeof *ret < ret->len ? 0 : sizeof *ret + ret->len;
}
