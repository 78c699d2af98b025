#include "tests/api/house.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_DAEMONS 4
#define MOST_SECRETS 64

struct token {
	const char *name, *role;
	char secret[128];
};

struct house {
	struct redis *redis;
	struct daemon *daemons[MOST_DAEMONS]; /* owned */
	char *bodies[MOST_DAEMONS];           /* owned; of their configurations */
	uint16_t ports[MOST_DAEMONS];
	int count;
	struct token tokens[8];
	char *secrets[MOST_SECRETS];
	size_t secret_count;
	struct said last;
	struct print *prints;
};

struct print {
	struct print *next;
	char *text;
};

static const struct token usual_tokens[] = {
	{ .name = "push", .role = "push" },
	{ .name = "anna", .role = "agent" },
	{ .name = "ben", .role = "agent" },
	{ .name = "carl", .role = "agent" }, /* serves nothing */
	{ .name = "supervisor", .role = "supervisor" },
	{ .name = "manager", .role = "manager" },
	{ .name = "admin", .role = "admin" },
};
#define TOKENS (sizeof usual_tokens / sizeof *usual_tokens)

static void __attribute__((noreturn, format(printf, 1, 2)))
give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	abort();
}

bool
house_await(bool (*holds)(void *), void *cookie, int limit_ms)
{
	const struct timespec nap = { .tv_nsec = 5 * 1000 * 1000 };

	for (int ms = 0; ms < limit_ms; ms += 5) {
		if (holds(cookie))
			return true;
		(void)nanosleep(&nap, NULL);
	}
	return holds(cookie);
}

char *
house_print(struct house *h, const char *fmt, ...)
{
	struct print *p = calloc(1, sizeof *p);
	va_list ap;

	va_start(ap, fmt);
	if (p == NULL || vasprintf(&p->text, fmt, ap) < 0)
		abort();
	va_end(ap);
	p->next = h->prints;
	h->prints = p;
	return p->text;
}

/* ---- the configuration ------------------------------------------------------ */

static const char usual_tiers[] =
    "unknown_caller = \"gold\"\ndefault_queue = \"sales\"\n"
    "tier \"gold\" { value = 3000 weight = 5 callback = \"15m\" complaint = "
    "\"4h\" }\n"
    "tier \"standard\" { value = 0 weight = 1 callback = \"1h\" complaint = "
    "\"2d\" }\n";

static const char usual_ladder[] =
    "ladder \"usual\" {\n"
    "    step \"0%\"   { to = \"own-agent\" }\n"
    "    step \"40%\"  { to = \"agents\" }\n"
    "    step \"75%\"  { to = \"agents\" alert = \"at-risk\" }\n"
    "    step \"100%\" { to = \"rb-leads\" alert = \"broken\" }\n"
    "    step \"200%\" { to = \"rb-managers\" alert = \"escalated\" }\n"
    "}\n";

static const char usual_rest[] =
    "hours \"always\" { open = { \"mon-sun 00:00-24:00\" } }\n"
    "retry \"usual\" {\n"
    "    no-answer = { \"30m\", \"2h\" } busy = { \"5m\" } voicemail = "
    "{ \"4h\" }\n"
    "    call_from = \"00:00\" call_to = \"24:00\"\n"
    "}\n"
    "queue \"sales\" { numbers = { \"+49 30 901820\" } hours = \"always\" "
    "ladder = \"usual\" retry = \"usual\" }\n"
    "queue \"quality\" { hours = \"always\" ladder = \"usual\" retry = "
    "\"usual\" close_needs = { \"cause\" } }\n"
    "source \"pbx\" { ignore_under = \"5s\" ignore_from = "
    "{ \"+49 30 9018*\" } answered_min = \"20s\" }\n";

/* The tester's own group makes administrators; nobody is anything else. */
static const char *
groups(void)
{
	static char lines[200];
	const struct group *g = getgrgid(getgid());

	(void)snprintf(lines, sizeof lines,
	    "agents = { \"rb-agents\" }\nadmins = { \"%s\" }\n",
	    g != NULL ? g->gr_name : "root");
	return lines;
}

/* ---- the daemons -------------------------------------------------------------- */

static void
start_daemon(struct house *h, int i, const struct house_options *o)
{
	char **body = &h->bodies[i];

	if (asprintf(body, "%s%s%s%s", o->tiers != NULL ? o->tiers : usual_tiers,
		o->ladder != NULL ? o->ladder : usual_ladder, usual_rest,
		o->extra != NULL ? o->extra : "") < 0)
		abort();
	h->daemons[i] = daemon_start(&(struct daemon_options){
	    .redis = h->redis, .groups = o->groups != NULL ? o->groups : groups(), .head = o->head,
	    .journal = o->journal, .body = *body });
	h->ports[i] = daemon_port(h->daemons[i]);
	(void)chmod(daemon_folder(h->daemons[i]), 0755);
}

static void
stop_daemon(struct house *h, struct daemon *d)
{
	int code = daemon_stop(d, 20000);
	char *log = daemon_log(d);

	cr_expect(code == 0, "ringbackd ended with %d:\n%s", code, log);
	for (size_t i = 0; i < h->secret_count; i++)
		cr_expect(strstr(log, h->secrets[i]) == NULL,
		    "the log tells \"%s\":\n%s", h->secrets[i], log);
	free(log);
	daemon_free(d);
}

/* ---- who asks ----------------------------------------------------------------- */

static void
make_token(struct house *h, struct token *t)
{
	char body[100];
	const struct said *a;

	(void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"role\":\"%s\"}",
	    t->name, t->role);
	a = house_do(h, "root", "POST", "/v1/tokens", body);
	if (a->status != 201)
		give_up("token %s: %d %s", t->name, a->status, a->body);
	(void)snprintf(
	    t->secret, sizeof t->secret, "%s", said_text(a, "token"));
	house_secret(h, t->secret);
}

const char *
house_token(const struct house *h, const char *who)
{
	for (size_t i = 0; i < TOKENS; i++) {
		if (strcmp(h->tokens[i].name, who) == 0)
			return h->tokens[i].secret;
	}
	return NULL;
}

void
house_secret(struct house *h, const char *s)
{
	if (h->secret_count == MOST_SECRETS)
		give_up("too many secrets");
	h->secrets[h->secret_count++] = strdup(s);
}

/* ---- life ---------------------------------------------------------------------- */

struct house *
house_new_with(const struct house_options *o)
{
	static const char *const debug[] = { "--enable-debug-command", "yes",
		NULL };
	struct house *h = calloc(1, sizeof *h);

	if (h == NULL)
		abort();
	h->redis =
	    redis_start_with(&(struct redis_options){ .extra = debug });
	h->count = o->daemons > 0 ? o->daemons : 1;
	for (int i = 0; i < h->count; i++)
		start_daemon(h, i, o);
	memcpy(h->tokens, usual_tokens, sizeof usual_tokens);
	for (size_t i = 0; i < TOKENS; i++)
		make_token(h, &h->tokens[i]);
	house_do(h, "root", "PUT", "/v1/agents/anna/queues/sales", "");
	house_do(h, "root", "PUT", "/v1/agents/ben/queues/sales", "");
	return h;
}

struct house *
house_new(void)
{
	return house_new_with(&(struct house_options){ 0 });
}

void
house_free(struct house *h)
{
	said_done(&h->last);
	for (int i = 0; i < h->count; i++)
		stop_daemon(h, h->daemons[i]);
	for (int i = 0; i < h->count; i++)
		free(h->bodies[i]);
	redis_stop(h->redis);
	for (size_t i = 0; i < h->secret_count; i++)
		free(h->secrets[i]);
	while (h->prints != NULL) {
		struct print *p = h->prints;

		h->prints = p->next;
		free(p->text);
		free(p);
	}
	free(h);
}

struct redis *
house_redis(const struct house *h)
{
	return h->redis;
}

struct daemon *
house_daemon(const struct house *h, int i)
{
	return h->daemons[i];
}

/* ---- asking --------------------------------------------------------------------- */

const struct said *
house_ask(struct house *h, const struct question *q)
{
	struct daemon *d = h->daemons[q->daemon];
	const char *who = q->who != NULL ? q->who : "root";
	const char *token = house_token(h, who); /* none: "nobody" */
	const char *method = q->method != NULL ? q->method : "POST";
	size_t len = q->len > 0 ? q->len :
	    q->body != NULL	? strlen(q->body) :
				  0;
	int fd = strcmp(who, "root") != 0 ?
	    ask_tcp(h->ports[q->daemon]) :
	    ask_unix(daemon_socket(d));
	char *head;
	int n;

	n = asprintf(&head,
	    "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	    "%s%s%s%s%s%sContent-Length: %zu\r\n%s\r\n",
	    method, q->path, token != NULL ? "Authorization: Bearer " : "",
	    token != NULL ? token : "", token != NULL ? "\r\n" : "",
	    q->type != NULL ? "Content-Type: " : "",
	    q->type != NULL ? q->type : "", q->type != NULL ? "\r\n" : "", len,
	    q->headers != NULL ? q->headers : "");
	said_done(&h->last);
	if (n < 0 || fd < 0)
		give_up("cannot ask: %s", strerror(errno));
	(void)ask_send(fd, head, (size_t)n);
	(void)ask_send(fd, q->body, len);
	ask_read(&h->last, fd, strcmp(method, "HEAD") != 0);
	(void)close(fd);
	free(head);
	return &h->last;
}

const struct said *
house_do(struct house *h, const char *who, const char *method,
    const char *path, const char *body)
{
	return house_ask(h,
	    &(struct question){
		.who = who, .method = method, .path = path, .body = body });
}

const struct said *
house_get(struct house *h, const char *who, const char *path)
{
	return house_do(h, who, "GET", path, "");
}

int64_t
house_event(struct house *h, const char *phone)
{
	char body[200];
	const struct said *a;

	(void)snprintf(body, sizeof body,
	    "{\"type\":\"call.missed\",\"from\":\"%s\",\"queue\":\"sales\"}",
	    phone);
	a = house_do(h, "push", "POST", "/v1/events", body);
	cr_assert(a->status == 201 || a->status == 200, "%d %s", a->status,
	    a->body);
	return said_int(a, "number");
}

/* ---- what is kept ---------------------------------------------------------------- */

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Who was seen, and when, also of sources; the clock of the site and of its
 * queues. */
static bool
is_of_time(const char *key)
{
	static const char *const parts[] = { "}:site", "}:daemons", "}:agent:", "}:agents",
		"}:duty", "}:parked", "}:named", "}:park:", "}:clock", "}:cursors",
		"}:feed" };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (strstr(key, parts[i]) != NULL)
			return true;
	}
	return false;
}

static void
digest_key(struct redis *r, FILE *to, const char *key)
{
	redisReply *dump = redis_do(r, "DEBUG", "DIGEST-VALUE", key, NULL);

	if (dump->type != REDIS_REPLY_ARRAY || dump->elements != 1)
		give_up("DEBUG DIGEST-VALUE: %s", dump->str);
	(void)fprintf(to, "%s %s\n", key, dump->element[0]->str);
	freeReplyObject(dump);
}

char *
house_digest(struct house *h)
{
	redisReply *keys = redis_do(h->redis, "KEYS", "*", NULL);
	const char **names = calloc(keys->elements + 1, sizeof *names);
	char *text = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&text, &size);

	if (names == NULL || to == NULL)
		abort();
	for (size_t i = 0; i < keys->elements; i++)
		names[i] = keys->element[i]->str;
	qsort(names, keys->elements, sizeof *names, compare_keys);
	for (size_t i = 0; i < keys->elements; i++) {
		if (!is_of_time(names[i]))
			digest_key(h->redis, to, names[i]);
	}
	(void)fprintf(to, "number %s\n",
	    redis_str(h->redis, "HGET", "rb:{t}:site", "number", NULL));
	(void)fclose(to);
	freeReplyObject(keys);
	free(names);
	return text;
}

void
house_unchanged(struct house *h, char *before, const char *what)
{
	char *after = house_digest(h);
	size_t line = 0;

	for (size_t i = 0; before[i] != '\0' && before[i] == after[i]; i++) {
		if (before[i] == '\n')
			line = i + 1;
	}
	cr_expect(strcmp(before, after) == 0, "%s: kept is now %.*s", what,
	    (int)strcspn(after + line, "\n"), after + line);
	free(before);
	free(after);
}
