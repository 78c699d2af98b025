#include "daemon/sources/section.h"

#include "daemon/base/address.h"
#include "daemon/policy/policy.h"

int
section_check(const struct policy_source *s, const struct section_need *needs,
	      size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		if (*needs[i].value != '\0')
			continue;
		fault_set(fault, "source \"%s\" of type %s needs %s: %s.",
			  s->name, s->type, needs[i].option, needs[i].help);
		return -1;
	}
	if (*s->tls_ca == '\0' || s->tls)
		return 0;
	fault_set(fault, "source \"%s\": tls_ca is for tls = true.", s->name);
	return -1;
}

int
section_address(struct address *ret, const struct policy_source *s, int port,
		struct fault *fault)
{
	struct fault why = { "" };

	if (address_parse(ret, s->address, port, &why) == 0)
		return 0;
	fault_set(fault, "The address of source \"%s\": %s", s->name, why.text);
	return -1;
}
