#include "daemon/api/table.h"

#include "daemon/api/acts.h"
#include "daemon/api/calls.h"
#include "daemon/api/cloud.h"
#include "daemon/api/customers.h"
#include "daemon/api/events.h"
#include "daemon/api/health.h"
#include "daemon/api/listeners.h"
#include "daemon/api/look.h"
#include "daemon/api/next.h"
#include "daemon/api/outcomes.h"
#include "daemon/api/privacy.h"
#include "daemon/api/push.h"
#include "daemon/api/sources.h"
#include "daemon/api/staff.h"
#include "daemon/api/tokens.h"

/* clang-format off */
const struct route api_table[] = {
	{ "GET",    "/healthz",                         ROLE_NONE,       healthz_get,      NULL },
	{ "GET",    "/readyz",                          ROLE_NONE,       readyz_get,       NULL },
	{ "POST",   "/v1/events",                       ROLE_PUSH,       events_post,      "Sending events" },
	{ "POST",   "/v1/next",                         ROLE_AGENT,      next_post,        "Pulling items" },
	{ "GET",    "/v1/items",                        ROLE_AGENT,      items_get,        "Listing items" },
	{ "GET",    "/v1/items/{id}",                   ROLE_AGENT,      item_get,         "Looking at items" },
	{ "POST",   "/v1/items/{id}/hold",              ROLE_AGENT,      hold_post,        "Taking items" },
	{ "POST",   "/v1/items/{id}/outcome",           ROLE_AGENT,      outcome_post,     "Recording a try" },
	{ "POST",   "/v1/items/{id}/extend",            ROLE_AGENT,      extend_post,      "Keeping items" },
	{ "POST",   "/v1/items/{id}/release",           ROLE_AGENT,      release_post,     "Giving items back" },
	{ "POST",   "/v1/items/{id}/move",              ROLE_AGENT,      move_post,        "Moving items" },
	{ "POST",   "/v1/items/{id}/note",              ROLE_AGENT,      note_post,        "Writing notes" },
	{ "POST",   "/v1/items/{id}/undo",              ROLE_AGENT,      undo_post,        "Undoing" },
	{ "POST",   "/v1/items/{id}/call",              ROLE_AGENT,      call_post,        "Calling customers" },
	{ "GET",    "/v1/calls/{call}",                 ROLE_AGENT,      call_get,         "Calling customers" },
	{ "POST",   "/v1/calls/{call}/hangup",          ROLE_AGENT,      call_hangup,      "Calling customers" },
	{ "POST",   "/v1/undo",                         ROLE_AGENT,      undo_post,        "Undoing" },
	{ "GET",    "/v1/queues",                       ROLE_AGENT,      queues_get,       "Looking at queues" },
	{ "GET",    "/v1/sources",                      ROLE_AGENT,      sources_get,      "Looking at sources" },
	{ "GET",    "/v1/me",                           ROLE_AGENT,      me_get,           "Working the queue" },
	{ "POST",   "/v1/me/duty",                      ROLE_AGENT,      duty_post,        "Going on and off duty" },
	{ "GET",    "/v1/log",                          ROLE_SUPERVISOR, log_get,          "Watching" },
	{ "GET",    "/v1/agents",                       ROLE_AGENT,      agents_get,       "Looking at agents" },
	{ "PUT",    "/v1/agents/{name}/queues/{queue}", ROLE_SUPERVISOR, agent_put,        "Giving agents queues" },
	{ "DELETE", "/v1/agents/{name}/queues/{queue}", ROLE_SUPERVISOR, agent_delete,     "Taking queues from agents" },
	{ "PUT",    "/v1/agents/{name}/phone",          ROLE_AGENT,      agent_phone_put,  "Saying at which telephone one is" },
	{ "GET",    "/v1/customers",                    ROLE_AGENT,      customers_get,    "Looking at customers" },
	{ "POST",   "/v1/customers",                    ROLE_ADMIN,      customers_post,   "Importing customers" },
	{ "GET",    "/v1/customers/{id}",               ROLE_AGENT,      customer_get,     "Looking at customers" },
	{ "PUT",    "/v1/customers/{id}",               ROLE_ADMIN,      customer_put,     "Changing customers" },
	{ "DELETE", "/v1/customers/{id}",               ROLE_ADMIN,      customer_delete,  "Deleting customers" },
	{ "GET",    "/v1/customers/{id}/export",        ROLE_MANAGER,    customer_export,  "Telling all of a person" },
	{ "POST",   "/v1/customers/{id}/forget",        ROLE_MANAGER,    customer_forget,  "Forgetting a person" },
	{ "GET",    "/v1/tokens",                       ROLE_ADMIN,      tokens_get,       "Listing tokens" },
	{ "POST",   "/v1/tokens",                       ROLE_ADMIN,      tokens_post,      "Making tokens" },
	{ "DELETE", "/v1/tokens/{name}",                ROLE_ADMIN,      token_delete,     "Revoking tokens" },
	{ "OPTIONS", "/v1/events",                      ROLE_NONE,       cloud_options,    NULL },
	{ "POST",   "/v1/twilio/{source}",              ROLE_PUSH,       push_post,        "Sending events" },
	{ "POST",   "/v1/cti/{source}",                 ROLE_PUSH,       push_post,        "Sending events" },
};
/* clang-format on */
const size_t api_table_count = sizeof api_table / sizeof *api_table;
