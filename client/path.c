#include "client/path.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

void
path_init(struct path *p, const char *beginning)
{
	memset(p, 0, sizeof *p);
	path_raw(p, beginning);
}

void
path_raw(struct path *p, const char *s)
{
	size_t len = strlen(p->text), add = strlen(s);

	if (len + add >= sizeof p->text) {
		p->too_long = true;
		return;
	}
	memcpy(p->text + len, s, add + 1);
}

void
path_part(struct path *p, const char *s)
{
	char one[4];

	for (; *s != '\0' && !p->too_long; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 128 && (isalnum(c) || strchr("-._~", c) != NULL))
			snprintf(one, sizeof one, "%c", c);
		else
			snprintf(one, sizeof one, "%%%02X", c);
		path_raw(p, one);
	}
}

void
path_query(struct path *p, const char *name, const char *value)
{
	if (value == NULL)
		return;
	path_raw(p, p->query ? "&" : "?");
	p->query = true;
	path_raw(p, name);
	path_raw(p, "=");
	path_part(p, value);
}
