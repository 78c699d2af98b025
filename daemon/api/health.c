#include "daemon/api/health.h"

#include <stdlib.h>

#include "daemon/api/api.h"
#include "daemon/api/kept.h"
#include "daemon/api/req.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

void
healthz_get(struct req *req)
{
	req_answer_text(req, 200, "text/plain; charset=utf-8", "ok\n", 3);
}

/* A reason that Redis gave may be no UTF-8; it counts all the same. */
static void
add_reason(json_t *reasons, const char *what, const char *why)
{
	char *sentence = text_print("%s: %s.", what, why);

	(void)json_array_append_new(reasons, shape_text(sentence));
	free(sentence);
}

/* Redis answers and keeps what it accepts (that is asked before a link counts
 * as up), library and policy agree. */
void
readyz_get(struct req *req)
{
	const struct api *api = api_of(req);
	json_t *reasons = json_array();
	bool ready;

	if (store_down_since_ms(api->store) > 0)
		add_reason(reasons, "Redis is away", store_why(api->store));
	else if (*store_hindrance(api->store) != '\0')
		add_reason(reasons, "Redis takes nothing",
		    store_hindrance(api->store));
	else if (!api->published)
		(void)json_array_append_new(
		    reasons, shape_text(api->not_published));
	else if (store_recovering(api->store))
		(void)json_array_append_new(reasons,
		    json_string("Another Redis has taken over; what it missed "
				"is being told to it."));
	ready = json_array_size(reasons) == 0;
	if (!ready)
		req_add_header(req, "Retry-After", "2");
	req_answer(req, ready ? 200 : 503,
	    json_pack("{s:b, s:s, s:s, s:s, s:o, s:o}", "ready", ready, "site",
		api->policy->site, "version", RINGBACK_VERSION, "durability",
		api->policy->durability, "reasons", reasons,
		"journal", kept_tell(req)));
}
