#include "client/ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "client/buf.h"
#include "client/token.h"

#define DEFAULT_SOCKET "/run/ringback/ringback.sock"
#define SOCKET_MAX 107
#define ANSWER_MAX (16U * 1024 * 1024)
#define HEAD_MAX (64U * 1024)
/* Each takes a hundred bytes and more once it is read. */
#define VALUES_MAX 400000U
#define TIMEOUT_S 20

struct ask {
	CURLM *multi;    /* owned */
	char *socket;    /* owned; NULL: by url */
	char *url;       /* owned */
	char *authorize; /* owned; the header, or NULL */
};

struct call {
	struct ask *ask;            /* borrowed */
	CURL *easy;                 /* owned */
	struct curl_slist *headers; /* owned */
	struct buf sent;            /* what the request carries */
	struct buf got;
	ask_data *on_data;
	void *cookie;
	int timeout_s;
	size_t head; /* bytes of it so far */
	bool too_much;
	bool ended; /* on_data has had enough */
	bool done;
	CURLcode end;
	char error[CURL_ERROR_SIZE];
};

static const char *
choose(const char *given, const char *variable)
{
	const char *env;

	if (given != NULL)
		return given;
	env = getenv(variable);
	return env != NULL && *env != '\0' ? env : NULL;
}

/* An option beats the environment; a socket beats a URL of its kind. */
static void
choose_way(struct ask *a, const struct ask_where *w)
{
	const char *socket = choose(w->socket, "RINGBACK_SOCKET");
	const char *url = choose(w->url, "RINGBACK_URL");
	size_t len;

	if (w->url != NULL && w->socket == NULL)
		socket = NULL;
	if (w->socket != NULL || url == NULL || socket != NULL) {
		a->socket = buf_dup(socket != NULL ? socket : DEFAULT_SOCKET);
		a->url = buf_dup("http://localhost");
		return;
	}
	a->url = buf_dup(url);
	for (len = strlen(a->url); len > 0 && a->url[len - 1] == '/'; len--)
		a->url[len - 1] = '\0';
}

static int
check_way(struct ask *a, const struct ask_where *w, char *why, size_t size)
{
	if (a->socket != NULL) {
		if (strlen(a->socket) <= SOCKET_MAX)
			return 0;
		snprintf(why, size,
			 "the path of the socket is longer than %d bytes",
			 SOCKET_MAX);
		return -1;
	}
	if (strncmp(a->url, "http://", 7) != 0 &&
	    strncmp(a->url, "https://", 8) != 0) {
		snprintf(
		    why, size,
		    "the URL must begin with https:// or http://, not '%.100s'",
		    a->url);
		return -1;
	}
	return token_read(&a->authorize,
			  choose(w->token_file, "RINGBACK_TOKEN_FILE"), why,
			  size);
}

int
ask_open(struct ask **ret, const struct ask_where *w, char *why, size_t size)
{
	struct ask *a = buf_alloc(sizeof *a);

	choose_way(a, w);
	if (check_way(a, w, why, size) < 0) {
		ask_close(a);
		return -1;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		a->multi = curl_multi_init();
	if (a->multi == NULL) {
		snprintf(why, size, "libcurl cannot be started");
		ask_close(a);
		return -1;
	}
	*ret = a;
	return 0;
}

void
ask_close(struct ask *a)
{
	if (a == NULL)
		return;
	if (a->multi != NULL)
		curl_multi_cleanup(a->multi);
	free(a->socket);
	free(a->url);
	token_free(a->authorize);
	free(a);
}

const char *
ask_name(const struct ask *a)
{
	return a->socket != NULL ? a->socket : a->url;
}

static size_t
call_got(char *data, size_t one, size_t n, void *cookie)
{
	struct call *c = cookie;
	long status = 0;

	n *= one;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	if (c->on_data != NULL && status == 200) {
		c->ended = !c->on_data(c->cookie, data, n);
		return c->ended ? 0 : n;
	}
	if (c->got.len + n > ANSWER_MAX) {
		c->too_much = true;
		return 0;
	}
	buf_add(&c->got, data, n);
	return n;
}

/* libcurl keeps all headers, however many come. */
static size_t
call_got_header(char *data, size_t one, size_t n, void *cookie)
{
	struct call *c = cookie;

	(void)data;
	c->head += one * n;
	return c->head <= HEAD_MAX ? one * n : 0;
}

/* The one place: a line that has another in it, or what else no header may
 * hold, is not sent. */
static void
call_header(struct call *c, const char *header)
{
	struct curl_slist *more = NULL;
	const char *s;

	for (s = header; (unsigned char)*s >= 0x20 && *s != 0x7f; s++)
		;
	if (*s == '\0')
		more = curl_slist_append(c->headers, header);
	if (more != NULL)
		c->headers = more;
}

static void
call_headers(struct call *c, const struct request *r)
{
	char line[256];

	call_header(c, "Expect:");
	call_header(c, r->on_data != NULL ? "Accept: text/event-stream"
					  : "Accept: application/json");
	call_header(c, r->lines != NULL ? "Content-Type: application/x-ndjson"
					: "Content-Type: application/json");
	if (c->ask->authorize != NULL)
		call_header(c, c->ask->authorize);
	if (r->last_id != NULL && *r->last_id != '\0') {
		snprintf(line, sizeof line, "Last-Event-ID: %.100s",
			 r->last_id);
		call_header(c, line);
	}
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, c->headers);
}

static void
call_body(struct call *c, const struct request *r)
{
	char *text;

	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, r->method);
	/* On a connection that was used before, curl would send it twice where
	 * the daemon ends between. */
	if (strcmp(r->method, "GET") != 0)
		curl_easy_setopt(c->easy, CURLOPT_FRESH_CONNECT, 1L);
	if (r->lines == NULL && r->body == NULL &&
	    strcmp(r->method, "POST") != 0 && strcmp(r->method, "PUT") != 0)
		return;
	if (r->lines != NULL) {
		buf_str(&c->sent, r->lines);
	} else if (r->body != NULL) {
		text = json_dumps(r->body, JSON_COMPACT);
		buf_str(&c->sent, text != NULL ? text : "{}");
		free(text);
	} else {
		buf_str(&c->sent, "{}");
	}
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->sent.data);
	curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			 (curl_off_t)c->sent.len);
}

struct call *
call_start(struct ask *a, const struct request *r)
{
	struct call *c = buf_alloc(sizeof *c);
	struct buf url = { 0 };

	c->ask = a;
	c->on_data = r->on_data;
	c->cookie = r->cookie;
	c->timeout_s = r->timeout_s == 0 ? TIMEOUT_S : r->timeout_s;
	c->easy = curl_easy_init();
	if (c->easy == NULL) {
		c->done = true;
		c->end = CURLE_OUT_OF_MEMORY;
		return c;
	}
	buf_str(&url, a->url);
	buf_str(&url, r->path);
	curl_easy_setopt(c->easy, CURLOPT_URL, url.data);
	buf_done(&url);
	if (a->socket != NULL)
		curl_easy_setopt(c->easy, CURLOPT_UNIX_SOCKET_PATH, a->socket);
	if (a->socket != NULL)
		curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT, 5L);
	curl_easy_setopt(c->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	if (c->timeout_s > 0)
		curl_easy_setopt(c->easy, CURLOPT_TIMEOUT, (long)c->timeout_s);
	curl_easy_setopt(c->easy, CURLOPT_USERAGENT,
			 "ringback/" RINGBACK_VERSION);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, call_got_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, call_got);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	call_body(c, r);
	call_headers(c, r);
	curl_multi_add_handle(a->multi, c->easy);
	return c;
}

bool
call_is_done(const struct call *c)
{
	return c->done;
}

int
call_status(const struct call *c)
{
	long status = 0;

	if (c->easy != NULL)
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

void
call_drop(struct call *c)
{
	if (c == NULL)
		return;
	if (c->easy != NULL) {
		curl_multi_remove_handle(c->ask->multi, c->easy);
		curl_easy_cleanup(c->easy);
	}
	curl_slist_free_all(c->headers);
	buf_done(&c->sent);
	buf_done(&c->got);
	free(c);
}

static void
collect_ended(struct ask *a)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(a->multi, &left)) != NULL) {
		char *private = NULL;
		struct call *c;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
		c = (struct call *)(void *)private;
		c->end = m->data.result;
		c->done = true;
	}
}

bool
ask_wait(struct ask *a, int fd, int ms)
{
	struct curl_waitfd extra = { .fd = fd, .events = CURL_WAIT_POLLIN };
	int running = 0;

	curl_multi_perform(a->multi, &running);
	collect_ended(a);
	curl_multi_poll(a->multi, fd >= 0 ? &extra : NULL, fd >= 0, ms, NULL);
	curl_multi_perform(a->multi, &running);
	collect_ended(a);
	return fd >= 0 && extra.revents != 0;
}

void
ask_do(struct ask *a, const struct request *r, struct answer *ret)
{
	struct call *c = call_start(a, r);
	int running = 0;

	for (;;) {
		curl_multi_perform(a->multi, &running);
		collect_ended(a);
		if (c->done)
			break;
		curl_multi_poll(a->multi, NULL, 0, 1000, NULL);
	}
	call_take(c, ret);
}

static void
explain_connect(const struct call *c, struct answer *a)
{
	long os = 0;

	curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &os);
	snprintf(a->fault, sizeof a->fault, "no daemon at %.200s: %.200s",
		 ask_name(c->ask),
		 os != 0 ? strerror((int)os)
			 : (*c->error != '\0' ? c->error
					      : curl_easy_strerror(c->end)));
	if (c->ask->socket != NULL && os == EACCES)
		snprintf(a->help, sizeof a->help,
			 "You may not open this socket; an administrator can "
			 "change that.");
	else if (c->ask->socket != NULL)
		snprintf(
		    a->help, sizeof a->help,
		    "Is it running?        systemctl status ringbackd\n"
		    "Another machine?      export RINGBACK_URL=https://...  "
		    "(see ringback(1))");
}

/* Only what curl says is known: the request may have been carried out. */
static void
explain(const struct call *c, struct answer *a)
{
	const char *name = ask_name(c->ask);

	if (c->easy == NULL || c->end == CURLE_OUT_OF_MEMORY)
		snprintf(a->fault, sizeof a->fault, "out of memory");
	else if (c->head > HEAD_MAX)
		snprintf(a->fault, sizeof a->fault,
			 "what answers at %.200s is not ringbackd: its headers "
			 "have no end",
			 name);
	else if (c->too_much)
		snprintf(a->fault, sizeof a->fault,
			 "the answer of %.200s is longer than 16 MiB", name);
	else if (c->end == CURLE_COULDNT_CONNECT ||
		 c->end == CURLE_COULDNT_RESOLVE_HOST)
		explain_connect(c, a);
	else if (c->end == CURLE_OPERATION_TIMEDOUT)
		snprintf(a->fault, sizeof a->fault,
			 "the daemon at %.200s did not answer within %d s",
			 name, c->timeout_s);
	else if (c->end == CURLE_GOT_NOTHING || c->end == CURLE_RECV_ERROR ||
		 c->end == CURLE_SEND_ERROR || c->end == CURLE_PARTIAL_FILE)
		snprintf(a->fault, sizeof a->fault,
			 "the daemon at %.200s hung up before its answer",
			 name);
	else if (c->end == CURLE_UNSUPPORTED_PROTOCOL ||
		 c->end == CURLE_WEIRD_SERVER_REPLY)
		snprintf(a->fault, sizeof a->fault,
			 "what answers at %.200s is not ringbackd", name);
	else
		snprintf(a->fault, sizeof a->fault, "%.200s: %.200s", name,
			 *c->error != '\0' ? c->error
					   : curl_easy_strerror(c->end));
	if (*a->help == '\0' && c->end == CURLE_OPERATION_TIMEDOUT)
		snprintf(a->help, sizeof a->help,
			 "Is it well?           journalctl -u ringbackd");
	if (c->end == CURLE_PEER_FAILED_VERIFICATION)
		snprintf(a->help, sizeof a->help,
			 "This machine must trust the authority of its "
			 "certificate: ringbackd(8), TLS");
}

/* Are there so few values in it that reading it costs no more than its size
 * lets expect? */
static bool
is_bounded(const char *s, size_t len)
{
	bool quoted = false;
	size_t i, values = 0;

	for (i = 0; i < len && values < VALUES_MAX; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (quoted && s[i] == '\\')
			i++;
		else if (!quoted && (s[i] == ',' || s[i] == '{' || s[i] == '['))
			values++;
	}
	return values < VALUES_MAX;
}

void
call_take(struct call *c, struct answer *ret)
{
	long status = 0;

	memset(ret, 0, sizeof *ret);
	if (c->end == CURLE_OK || c->ended) {
		curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
		ret->status = (int)status;
	} else {
		explain(c, ret);
	}
	buf_add(&c->got, "", 0);
	ret->text = c->got.data;
	ret->len = c->got.len;
	memset(&c->got, 0, sizeof c->got);
	if (ret->status != 0 && ret->len > 0 && is_bounded(ret->text, ret->len))
		ret->json = json_loadb(ret->text, ret->len, 0, NULL);
	call_drop(c);
}

bool
answer_ok(const struct answer *a)
{
	return a->status >= 200 && a->status < 300;
}

enum exit_code
answer_exit(const struct answer *a)
{
	if (answer_ok(a))
		return EXIT_DONE;
	if (a->status == 0 || (a->status >= 502 && a->status <= 504))
		return EXIT_AWAY;
	return EXIT_REFUSED;
}

void
answer_done(struct answer *a)
{
	json_decref(a->json);
	free(a->text);
	memset(a, 0, sizeof *a);
}
