#include "daemon/policy/options.h"

#include "daemon/policy/policy.h"

#define SECOND 1000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define YEAR (366 * DAY)

/* A row: in, name, type, where, default (NULL: needed), least, most, whether
 * a reload may change it. */
#define AT(type, field) offsetof(struct policy_##type, field)
#define ROW(in, name, type, at, otherwise, least, most, reload)          \
	{                                                                \
		in, name, type, at, otherwise, least, most, reload, 0, 0 \
	}
#define SITE(name, type, field, otherwise, least, most, reload)               \
	ROW("", name, type, offsetof(struct policy, field), otherwise, least, \
	    most, reload)
#define LIST(in, name, owner, list, n, element)                                \
	{                                                                      \
		in, name, CONF_SECTION, offsetof(struct owner, list), "", 0,   \
		    0, true, offsetof(struct owner, n), sizeof(struct element) \
	}

/* clang-format off */
static const struct conf_option options[] = {
	/*   name              type           field              default  least   most     reload */
	SITE("site",           CONF_NAME,     site,              NULL,    1,      32,      false),
	SITE("timezone",       CONF_TEXT,     timezone,          NULL,    1,      64,      true),
	SITE("region",         CONF_NAME,     region,            NULL,    2,      2,       true),
	SITE("redis_url",      CONF_TEXT,     redis_url,
	     "unix:///run/redis/redis-server.sock",                       1,      1024,    false),
	SITE("redis_user",     CONF_NAME,     redis_user,        "",      1,      64,      true),
	SITE("redis_secret_file", CONF_TEXT,  redis_secret_file, "",      0,      1024,    true),
	SITE("sentinel_user",  CONF_NAME,     sentinel_user,     "",      1,      64,      true),
	SITE("sentinel_secret_file", CONF_TEXT, sentinel_secret_file, "", 0,      1024,    true),
	SITE("redis_ca",       CONF_TEXT,     redis_ca,          "",      0,      1024,    true),
	SITE("redis_cert",     CONF_TEXT,     redis_cert,        "",      0,      1024,    true),
	SITE("redis_key",      CONF_TEXT,     redis_key,         "",      0,      1024,    true),
	SITE("wait_replicas",  CONF_INT,      wait_replicas,     "0",     0,      16,      false),
	SITE("wait_ms",        CONF_INT,      wait_ms,           "500",   1,      1000,    false),
	SITE("socket",         CONF_TEXT,     socket,
	     "/run/ringback/ringback.sock",                               1,      107,     false),
	SITE("socket_mode",    CONF_TEXT,     socket_mode,       "0666",  1,      32,      false),
	SITE("socket_group",   CONF_NAME,     socket_group,      "",      1,      32,      false),
	SITE("http",           CONF_TEXT,     http,              "",      0,      64,      false),
	SITE("https",          CONF_TEXT,     https,             "",      0,      64,      false),
	SITE("https_cert",     CONF_TEXT,     https_cert,        "",      0,      1024,    true),
	SITE("https_key",      CONF_TEXT,     https_key,         "",      0,      1024,    true),
	SITE("https_client_ca", CONF_TEXT,    https_client_ca,   "",      0,      1024,    true),
	SITE("durability",     CONF_NAME,     durability,        "aof",   1,      8,       false),
	SITE("journal",        CONF_TEXT,     journal,
	     "/var/lib/ringback/journal",                                 0,      1024,    false),
	SITE("journal_max",    CONF_INT,      journal_max,       "1073741824", 1048576, 1099511627776, false),
	SITE("token_file",     CONF_TEXT,     token_file,
	     "/var/lib/ringback/tokens",                                  0,      1024,    false),
	SITE("patience",       CONF_INT,      patience_ms,       "250",   10,     2000,    true),
	SITE("agents",         CONF_NAMES,    roles.agents,      "rb-agents", 1,  32,      true),
	SITE("supervisors",    CONF_NAMES,    roles.supervisors, "rb-leads",  1,  32,      true),
	SITE("managers",       CONF_NAMES,    roles.managers,    "rb-managers", 1, 32,     true),
	SITE("admins",         CONF_NAMES,    roles.admins,      "sudo",  1,      32,      true),
	SITE("unknown_caller", CONF_NAME,     unknown_caller,    "",      1,      64,      true),
	SITE("default_queue",  CONF_NAME,     default_queue,     "",      1,      64,      true),
	SITE("severities",     CONF_REALS,    severities,        "1 2 4", 0,      1000,    true),
	SITE("keep",           CONF_DURATION, keep_ms,           "90d",   HOUR,   20 * YEAR, true),
	SITE("receipts",       CONF_DURATION, receipts_ms,       "14d",   HOUR,   YEAR,    true),
	SITE("feedback",       CONF_DURATION, feedback_ms,       "365d",  HOUR,   20 * YEAR, true),
	SITE("log_keep",       CONF_DURATION, log_keep_ms,       "30d",   HOUR,   20 * YEAR, true),
	SITE("undo",           CONF_DURATION, undo_ms,           "60s",   0,      HOUR,    true),
	SITE("duty",           CONF_DURATION, duty_ms,           "30m",   MINUTE, DAY,     true),
	SITE("not_again",      CONF_DURATION, not_again_ms,      "30m",   0,      7 * DAY, true),
	SITE("appointment",    CONF_DURATION, appointment_ms,    "15m",   MINUTE, DAY,     true),
	SITE("burst",          CONF_DURATION, burst_ms,          "1m",    0,      HOUR,    true),
	SITE("remember",       CONF_DURATION, remember_ms,       "30s",   0,      10 * MINUTE, true),
	SITE("drain",          CONF_DURATION, drain_ms,          "10s",   SECOND, 5 * MINUTE, true),
	SITE("max_connections", CONF_INT,     max_connections,   "512",   8,      65536,   false),
	SITE("max_by_address", CONF_INT,      max_by_address,    "256",   1,      65536,   false),
	SITE("max_requests",   CONF_INT,      max_requests,      "512",   1,      65536,   true),
	SITE("max_listeners",  CONF_INT,      max_listeners,     "200",   1,      65536,   true),
	SITE("max_head",       CONF_INT,      max_head,          "16384", 1024,   262144,  false),
	SITE("max_headers",    CONF_INT,      max_headers,       "100",   8,      1000,    false),
	SITE("max_address",    CONF_INT,      max_address,       "8192",  256,    65536,   false),
	SITE("max_body",       CONF_INT,      max_body,          "1048576", 1024, 67108864, false),
	SITE("max_lines",      CONF_INT,      max_lines,         "1000",  1,      100000,  true),
	SITE("max_line",       CONF_INT,      max_line,          "65536", 1024,   1048576, true),
	SITE("max_text",       CONF_INT,      max_text,          "16384", 200,    65536,   true),
	SITE("max_note",       CONF_INT,      max_note,          "4000",  200,    16384,   true),
	SITE("max_reason",     CONF_INT,      max_reason,        "1000",  200,    16384,   true),
	SITE("max_history",    CONF_INT,      max_history,       "200",   20,     1000,    true),
	SITE("max_feedback",   CONF_INT,      max_feedback,      "20",    1,      1000,    true),
	SITE("max_phones",     CONF_INT,      max_phones,        "20",    1,      1000,    true),
	SITE("event_rate",     CONF_INT,      event_rate,        "500",   0,      100000,  true),
	SITE("event_burst",    CONF_INT,      event_burst,       "5000",  1,      1000000, true),
	SITE("request_timeout", CONF_DURATION, request_timeout_ms, "15s", SECOND, 5 * MINUTE, false),
	SITE("answer_timeout", CONF_DURATION, answer_timeout_ms, "60s",   SECOND, HOUR,    false),
	SITE("idle_timeout",   CONF_DURATION, idle_timeout_ms,   "60s",   SECOND, HOUR,    false),
	SITE("wrong_tokens",   CONF_INT,      wrong_tokens,      "10",    1,      100000,  true),
	SITE("max_waiting",    CONF_INT,      max_waiting,       "1000",  1,      65536,   false),
	SITE("watch_buffer",   CONF_INT,      watch_buffer,      "1048576", 4096, 67108864, false),

	/*  in      name         type           field                  default  least   most     reload */
	LIST("", "tier", policy, tiers, tier_count, policy_tier),
	ROW("tier", "",          CONF_NAME,     AT(tier, name),        NULL,    1,      32,      true),
	ROW("tier", "value",     CONF_INT,      AT(tier, value),       NULL,    0,      1000000000000, true),
	ROW("tier", "weight",    CONF_REAL,     AT(tier, weight),      NULL,    0,      1000,    true),
	ROW("tier", "callback",  CONF_DURATION, AT(tier, callback_ms), NULL,    SECOND, YEAR,    true),
	ROW("tier", "complaint", CONF_DURATION, AT(tier, complaint_ms), NULL,   SECOND, YEAR,    true),

	LIST("", "hours", policy, hours, hours_count, policy_hours),
	ROW("hours", "",         CONF_NAME,     AT(hours, name),       NULL,    1,      64,      true),
	ROW("hours", "open",     CONF_TEXTS,    AT(hours, open),       NULL,    1,      64,      true),
	ROW("hours", "holidays", CONF_TEXT,     AT(hours, holidays),   "",      0,      1024,    true),

	LIST("", "ladder", policy, ladders, ladder_count, policy_ladder),
	ROW("ladder", "",        CONF_NAME,     AT(ladder, name),      NULL,    1,      64,      true),
	LIST("ladder", "step", policy_ladder, steps, step_count, policy_step),
	ROW("ladder.step", "",      CONF_PERCENT, AT(step, percent),   NULL,    0,      100000,  true),
	ROW("ladder.step", "to",    CONF_NAME,    AT(step, to),        NULL,    1,      32,      true),
	ROW("ladder.step", "only",  CONF_BOOL,    AT(step, only),      "false", 0,      1,       true),
	ROW("ladder.step", "alert", CONF_NAME,    AT(step, alert),     "",      1,      32,      true),

	LIST("", "retry", policy, retries, retry_count, policy_retry),
	ROW("retry", "",          CONF_NAME,      AT(retry, name),      NULL,       1,      64,     true),
	ROW("retry", "no-answer", CONF_DURATIONS, AT(retry, no_answer), "30m 2h 4h", SECOND, 60 * DAY, true),
	ROW("retry", "busy",      CONF_DURATIONS, AT(retry, busy),      "5m 5m 15m", SECOND, 60 * DAY, true),
	ROW("retry", "voicemail", CONF_DURATIONS, AT(retry, voicemail), "4h 1d",     SECOND, 60 * DAY, true),
	ROW("retry", "then",      CONF_NAME,      AT(retry, then),      "unreachable", 1,   32,     true),
	ROW("retry", "start_at",  CONF_PERCENT,   AT(retry, start_at),  "0%",       0,      1000,   true),
	ROW("retry", "days",      CONF_INT,       AT(retry, days),      "0",        0,      365,    true),
	ROW("retry", "call_from", CONF_CLOCK,     AT(retry, call_from), "09:00",    0,      1440,   true),
	ROW("retry", "call_to",   CONF_CLOCK,     AT(retry, call_to),   "20:00",    0,      1440,   true),

	LIST("", "queue", policy, queues, queue_count, policy_queue),
	ROW("queue", "",            CONF_NAME,     AT(queue, name),        NULL,  1,      64,      true),
	ROW("queue", "numbers",     CONF_TEXTS,    AT(queue, numbers),     "",    1,      64,      true),
	ROW("queue", "hours",       CONF_NAME,     AT(queue, hours),       NULL,  1,      64,      true),
	ROW("queue", "ladder",      CONF_NAME,     AT(queue, ladder),      NULL,  1,      64,      true),
	ROW("queue", "retry",       CONF_NAME,     AT(queue, retry),       NULL,  1,      64,      true),
	ROW("queue", "hold",        CONF_DURATION, AT(queue, hold_ms),     "15m", SECOND, DAY,     true),
	ROW("queue", "hold_max",    CONF_DURATION, AT(queue, hold_max_ms), "45m", SECOND, 7 * DAY, true),
	ROW("queue", "caller_id",   CONF_TEXT,     AT(queue, caller_id),   "",    0,      64,      true),
	ROW("queue", "say_first",   CONF_TEXT,     AT(queue, say_first),   "",    0,      500,     true),
	ROW("queue", "close_needs", CONF_NAMES,    AT(queue, close_needs), "",    1,      32,      true),
	LIST("queue", "tier", policy_queue, promises, promise_count, policy_promise),
	ROW("queue.tier", "",          CONF_NAME,     AT(promise, tier),         NULL, 1,      32,   true),
	ROW("queue.tier", "callback",  CONF_DURATION, AT(promise, callback_ms),  "0s", SECOND, YEAR, true),
	ROW("queue.tier", "complaint", CONF_DURATION, AT(promise, complaint_ms), "0s", SECOND, YEAR, true),

	LIST("", "source", policy, sources, source_count, policy_source),
	ROW("source", "",             CONF_NAME,     AT(source, name),            NULL,  1, 64,   true),
	ROW("source", "type",         CONF_NAME,     AT(source, type),            "",    1, 32,   true),
	ROW("source", "address",      CONF_TEXT,     AT(source, address),         "",    0, 256,  true),
	ROW("source", "tls",          CONF_BOOL,     AT(source, tls),             "false", 0, 1,  true),
	ROW("source", "user",         CONF_TEXT,     AT(source, user),            "",    0, 64,   true),
	ROW("source", "secret_file",  CONF_TEXT,     AT(source, secret_file),     "",    0, 1024, true),
	ROW("source", "ignore_under", CONF_DURATION, AT(source, ignore_under_ms), "0s",  0, HOUR, true),
	ROW("source", "ignore_from",  CONF_TEXTS,    AT(source, ignore_from),     "",    1, 64,   true),
	ROW("source", "answered_min", CONF_DURATION, AT(source, answered_min_ms), "20s", 0, HOUR, true),
	ROW("source", "silent_after", CONF_DURATION, AT(source, silent_after_ms), "0s",  MINUTE, 30 * DAY, true),
	ROW("source", "silent_usual", CONF_BOOL,     AT(source, silent_usual),    "true", 0, 1,   true),
	ROW("source", "down_after",   CONF_DURATION, AT(source, down_after_ms),   "20s", SECOND, DAY, true),
	ROW("source", "queue",        CONF_NAME,     AT(source, queue),           "",    1, 64,   true),
	ROW("source", "queue_names",  CONF_TEXTS,    AT(source, queue_names),     "",    3, 200,  true),
	ROW("source", "contexts",     CONF_NAMES,    AT(source, contexts),        "",    1, 79,   true),
	ROW("source", "queue_log",    CONF_TEXT,     AT(source, queue_log),       "",    0, 1024, true),
	ROW("source", "tls_ca",       CONF_TEXT,     AT(source, tls_ca),          "",    0, 1024, true),
	ROW("source", "public_url",   CONF_TEXT,     AT(source, public_url),      "",    0, 1024, true),
	ROW("source", "dial_agent",   CONF_TEXT,     AT(source, dial_agent),      "",    0, 200,  true),
	ROW("source", "dial_customer", CONF_TEXT,    AT(source, dial_customer),   "",    0, 200,  true),
	ROW("source", "pause_agents", CONF_BOOL,     AT(source, pause_agents),    "true", 0, 1,   true),
	ROW("source", "member",       CONF_TEXT,     AT(source, member),          "",    0, 200,  true),

	LIST("", "outcome", policy, outcomes, outcome_count, policy_outcome),
	ROW("outcome", "",     CONF_NAME, AT(outcome, name), NULL, 1, 32, true),
	ROW("outcome", "like", CONF_NAME, AT(outcome, like), NULL, 1, 32, true),
	ROW("outcome", "key",  CONF_NAME, AT(outcome, key),  "",   1, 1,  true),

	LIST("", "alert", policy, alerts, alert_count, policy_alert),
	ROW("alert", "",        CONF_NAME,     AT(alert, name),       NULL,  1,      64,       true),
	ROW("alert", "on",      CONF_NAMES,    AT(alert, on),         NULL,  1,      32,       true),
	ROW("alert", "run",     CONF_TEXT,     AT(alert, run),        NULL,  1,      1024,     true),
	ROW("alert", "timeout", CONF_DURATION, AT(alert, timeout_ms), "30s", SECOND, 10 * MINUTE, true),
};
/* clang-format on */

const struct conf_table options_table = {
	options,
	sizeof options / sizeof *options,
};
