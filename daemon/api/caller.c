#include "daemon/api/caller.h"

#include <string.h>

static const char *const role_names[ROLE_COUNT] = {
	[ROLE_NONE] = "none",       [ROLE_PUSH] = "push",
	[ROLE_AGENT] = "agent",     [ROLE_SUPERVISOR] = "supervisor",
	[ROLE_MANAGER] = "manager", [ROLE_ADMIN] = "admin"
};

const char *
role_name(enum role role)
{
	return role_names[role];
}

enum role
role_find(const char *name)
{
	for (int role = ROLE_PUSH; role < ROLE_COUNT; role++) {
		if (strcmp(role_names[role], name) == 0)
			return (enum role)role;
	}
	return ROLE_NONE;
}

const char *
role_phrase(enum role role)
{
	switch (role) {
	case ROLE_PUSH: return "a source of events";
	case ROLE_AGENT: return "an agent";
	case ROLE_SUPERVISOR: return "a supervisor";
	case ROLE_MANAGER: return "a manager";
	case ROLE_ADMIN: return "an administrator";
	case ROLE_NONE: break;
	}
	return "in none of the groups";
}
