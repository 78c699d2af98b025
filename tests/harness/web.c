#include "tests/harness/web.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define USUAL_LIMIT_MS 20000
#define LOOK_MS 5

struct web {
	CURL *curl;
	char *base;  /* owned: "http://127.0.0.1:1234" */
	char *token; /* owned; the header, or NULL */
	struct curl_slist *headers;
	char *body; /* owned: what came */
	size_t len;
	struct web_answer answer;
	web_told *told;
	void *cookie;
};

struct crowd {
	CURLM *multi;
	int open;
};

static struct web *
new_web(const char *base)
{
	struct web *w = calloc(1, sizeof *w);

	if (w == NULL)
		abort();
	w->curl = curl_easy_init();
	w->base = strdup(base);
	if (w->curl == NULL || w->base == NULL)
		abort();
	web_limit(w, USUAL_LIMIT_MS);
	return w;
}

struct web *
web_unix(const char *socket)
{
	struct web *w = new_web("http://localhost");

	(void)curl_easy_setopt(w->curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	return w;
}

struct web *
web_tcp(uint16_t port, const char *token)
{
	char base[64];
	struct web *w;

	(void)snprintf(base, sizeof base, "http://127.0.0.1:%u",
		       (unsigned)port);
	w = new_web(base);
	if (token != NULL &&
	    asprintf(&w->token, "Authorization: Bearer %s", token) < 0)
		abort();
	return w;
}

void
web_free(struct web *w)
{
	if (w == NULL)
		return;
	curl_easy_cleanup(w->curl);
	curl_slist_free_all(w->headers);
	json_decref(w->answer.json);
	free(w->base);
	free(w->token);
	free(w->body);
	free(w);
}

void
web_limit(struct web *w, long ms)
{
	(void)curl_easy_setopt(w->curl, CURLOPT_TIMEOUT_MS, ms);
}

/* ---- one request -------------------------------------------------------- */

static size_t
on_body(char *data, size_t one, size_t n, void *cookie)
{
	struct web *w = cookie;
	char *more = realloc(w->body, w->len + one * n + 1);

	if (more == NULL)
		abort();
	w->body = more;
	memcpy(w->body + w->len, data, one * n);
	w->len += one * n;
	w->body[w->len] = '\0';
	return one * n;
}

static size_t
on_header(char *data, size_t one, size_t n, void *cookie)
{
	struct web *w = cookie;

	if (one * n > 12 && strncasecmp(data, "Retry-After:", 12) == 0)
		w->answer.retry_after = (int)strtol(data + 12, NULL, 10);
	return one * n;
}

static void
add_header(struct web *w, const char *name, const char *value)
{
	struct curl_slist *list;
	char *line;

	if (asprintf(&line, "%s%s", name, value) < 0)
		abort();
	list = curl_slist_append(w->headers, line);
	if (list == NULL)
		abort();
	w->headers = list;
	free(line);
}

static void
forget(struct web *w)
{
	json_decref(w->answer.json);
	curl_slist_free_all(w->headers);
	w->headers = NULL;
	w->len = 0;
	if (w->body != NULL)
		*w->body = '\0';
	w->answer = (struct web_answer){ .body = "", .retry_after = -1 };
}

static void
prepare(struct web *w, const struct web_request *r)
{
	CURL *c = w->curl;
	char *url;

	forget(w);
	if (asprintf(&url, "%s%s", w->base, r->path) < 0)
		abort();
	(void)curl_easy_setopt(c, CURLOPT_URL, url);
	free(url);
	(void)curl_easy_setopt(c, CURLOPT_HTTPGET, 1L);
	if (r->body != NULL) {
		(void)curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE,
				       (long)strlen(r->body));
		(void)curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, r->body);
		add_header(w, "Content-Type: ",
			   r->type != NULL ? r->type : "application/json");
		add_header(w, "Expect:", "");
	}
	(void)curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r->method);
	if (w->token != NULL)
		add_header(w, w->token, "");
	if (r->last_id != NULL)
		add_header(w, "Last-Event-ID: ", r->last_id);
	(void)curl_easy_setopt(c, CURLOPT_HTTPHEADER, w->headers);
	(void)curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(c, CURLOPT_WRITEDATA, w);
	(void)curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(c, CURLOPT_HEADERDATA, w);
}

static void
take_answer(struct web *w, CURLcode rc)
{
	long status = 0;
	double took = 0;

	if (rc == CURLE_OK)
		(void)curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE,
					&status);
	(void)curl_easy_getinfo(w->curl, CURLINFO_TOTAL_TIME, &took);
	w->answer.status = (int)status;
	w->answer.body = web_so_far(w);
	w->answer.json = json_loads(w->answer.body, JSON_DECODE_ANY, NULL);
	w->answer.took_ms = took * 1000;
}

const struct web_answer *
web_send(struct web *w, const struct web_request *r)
{
	prepare(w, r);
	take_answer(w, curl_easy_perform(w->curl));
	return &w->answer;
}

const struct web_answer *
web_ask(struct web *w, const char *method, const char *path, const char *body)
{
	const struct web_request r = { .method = method,
				       .path = path,
				       .body = body };

	return web_send(w, &r);
}

const struct web_answer *
web_lines(struct web *w, const char *path, const char *lines)
{
	const struct web_request r = { .path = path,
				       .body = lines,
				       .type = "application/x-ndjson" };

	return web_send(w, &r);
}

const char *
web_so_far(const struct web *w)
{
	return w->body != NULL ? w->body : "";
}

/* ---- members ------------------------------------------------------------ */

static json_t *
member(const struct web_answer *a, const char *path)
{
	json_t *at = a->json;
	char name[64];

	while (at != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		(void)snprintf(name, sizeof name, "%.*s", (int)n, path);
		at = json_object_get(at, name);
		path += n + (path[n] == '.');
	}
	return at;
}

const char *
web_text(const struct web_answer *a, const char *path)
{
	const char *s = json_string_value(member(a, path));

	return s != NULL ? s : "";
}

int64_t
web_int(const struct web_answer *a, const char *path)
{
	const json_t *v = member(a, path);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

/* ---- many at once ------------------------------------------------------- */

struct crowd *
crowd_new(void)
{
	struct crowd *c = calloc(1, sizeof *c);

	if (c == NULL)
		abort();
	c->multi = curl_multi_init();
	if (c->multi == NULL)
		abort();
	/* Each client keeps a connection of its own; curl would make do with
	 * four for each that is asking just now. */
	(void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 1000L);
	return c;
}

void
crowd_free(struct crowd *c)
{
	if (c == NULL)
		return;
	(void)curl_multi_cleanup(c->multi);
	free(c);
}

int
crowd_open(const struct crowd *c)
{
	return c->open;
}

void
crowd_ask(struct crowd *c, struct web *w, const struct web_request *r,
	  web_told *told, void *cookie)
{
	prepare(w, r);
	w->told = told;
	w->cookie = cookie;
	(void)curl_easy_setopt(w->curl, CURLOPT_PRIVATE, w);
	if (curl_multi_add_handle(c->multi, w->curl) != CURLM_OK)
		abort();
	c->open++;
}

void
crowd_drop(struct crowd *c, struct web *w)
{
	/* A transfer taken out before its end closes its connection. */
	(void)curl_multi_remove_handle(c->multi, w->curl);
	c->open--;
}

static void
tell_done(struct crowd *c)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(c->multi, &left)) != NULL) {
		CURLcode rc = msg->data.result;
		struct web *w = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE,
					(char **)&w);
		take_answer(w, rc);
		(void)curl_multi_remove_handle(c->multi, w->curl);
		c->open--;
		if (w->told != NULL)
			w->told(w->cookie, w, &w->answer);
	}
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool
crowd_until(struct crowd *c, bool (*holds)(void *), void *arg, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;
	int running;

	for (;;) {
		(void)curl_multi_perform(c->multi, &running);
		tell_done(c);
		if (holds != NULL ? holds(arg) : c->open == 0)
			return true;
		if (now_ms() >= until)
			return false;
		(void)curl_multi_poll(c->multi, NULL, 0, LOOK_MS, NULL);
	}
}
