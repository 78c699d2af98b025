#include "daemon/rights.h"

#include "daemon/api/access.h"
#include "daemon/base/log.h"
#include "daemon/policy/policy.h"

static void
add_groups(struct access *a, enum role role, const struct conf_texts *groups)
{
	struct fault fault = { "" };

	for (size_t i = 0; i < groups->count; i++) {
		if (access_add_group(a, role, groups->list[i], &fault) < 0)
			log_warn("access", "%s", fault.text);
	}
}

void
rights_use(struct access *a, const struct policy *p)
{
	access_clear_groups(a);
	add_groups(a, ROLE_AGENT, &p->roles.agents);
	add_groups(a, ROLE_SUPERVISOR, &p->roles.supervisors);
	add_groups(a, ROLE_MANAGER, &p->roles.managers);
	add_groups(a, ROLE_ADMIN, &p->roles.admins);
	access_set_patience(a, p->patience_ms);
	access_set_wrong_tokens(a, (size_t)p->wrong_tokens);
}
