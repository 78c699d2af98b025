#include "daemon/policy/read.h"

#include <stdlib.h>

#include "daemon/base/conf.h"
#include "daemon/base/confvalue.h"
#include "daemon/base/text.h"
#include "daemon/policy/check.h"
#include "daemon/policy/normal.h"
#include "daemon/policy/options.h"

int
policy_read(struct policy **ret, const char *path, struct fault *fault)
{
	struct policy *p = text_alloc(sizeof *p);
	struct conf_file *file = NULL;
	int rc = -1;

	if (conf_read(&file, p, &options_table, path, fault) < 0) {
		free(p);
		return -1;
	}
	normal_names(p);
	if (check_site(p, file, fault) == 0 &&
	    normal_numbers(p, file, fault) == 0 &&
	    check_policy(p, file, fault) == 0) {
		normal_order(p);
		*ret = p;
		p = NULL;
		rc = 0;
	}
	conf_file_free(file);
	policy_free(p);
	return rc;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->alert_count; i++)
		confvalue_free(&p->alerts[i].argv, CONF_TEXTS);
	conf_free(p, &options_table);
	free(p);
}

int
policy_reload_ok(const struct policy *running, const struct policy *next,
		 struct fault *fault)
{
	const char *name = conf_fixed_change(&options_table, running, next);

	if (name == NULL)
		return 0;
	fault_set(
	    fault,
	    "%s cannot be changed by a reload; restart ringbackd for that.",
	    name);
	return -1;
}

const char *
policy_option_name(size_t i)
{
	static char name[64];

	if (i >= options_table.count)
		return NULL;
	conf_option_print(name, sizeof name, &options_table.options[i]);
	return name;
}
