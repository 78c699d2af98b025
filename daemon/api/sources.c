#include "daemon/api/sources.h"

#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/req.h"
#include "daemon/base/record.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

/* One source; what it sent that was not taken comes behind it, by reason. */
static json_t *
source_json(const struct store_answer *a, size_t *at)
{
	json_t *source = shape_object(a->sections[*at].fields);
	json_t *reasons = json_array();

	/* Between daemons only. */
	(void)json_object_del(source, "heard_until");
	while (*at + 1 < a->count &&
	       strcmp(a->sections[*at + 1].name, "reason") == 0) {
		const struct record *r = a->sections[++*at].fields;

		(void)json_array_append_new(
		    reasons,
		    json_pack("{s:o, s:I}", "reason",
			      shape_text(record_text(r, "reason")), "count",
			      (json_int_t)record_int(r, "count", 0)));
	}
	(void)json_object_set_new(source, "reasons", reasons);
	return source;
}

json_t *
sources_tell(const struct store_answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->sections[i].name, "source") == 0)
			(void)json_array_append_new(list, source_json(a, &i));
	}
	return list;
}

static void
sources_known(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else
		req_answer(req, 200,
			   json_pack("{s:o}", "sources", sources_tell(a)));
}

void
sources_get(struct req *req)
{
	store_sources(api_of(req)->store, sources_known, req);
}
