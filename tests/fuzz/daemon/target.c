/* Paths and queries: "PATH?QUERY", as they stand in the request line. */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/target.h"
#include "daemon/base/text.h"
#include "tests/fuzz/fuzz.h"

static void
must_be_text(const char *s)
{
	fuzz_must(s != NULL && text_utf8(s, strlen(s)));
	for (; *s != '\0'; s++)
		fuzz_must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void
look(const struct target *t)
{
	must_be_text(t->path);
	for (size_t i = 0; i < t->segment_count; i++) {
		must_be_text(t->segments[i]);
		fuzz_must(strcmp(t->segments[i], "..") != 0);
	}
	for (size_t i = 0; i < t->pair_count; i++) {
		must_be_text(t->pairs[i].name);
		must_be_text(t->pairs[i].value);
		fuzz_must(target_query(t, t->pairs[i].name) != NULL);
	}
}

FUZZ(target)
{
	char *path = fuzz_text(data, len), *query = strchr(path, '?');
	struct target t;

	if (query != NULL)
		*query++ = '\0';
	if (target_parse(&t, path, query) == NULL)
		look(&t);
	target_done(&t);
	free(path);
}
