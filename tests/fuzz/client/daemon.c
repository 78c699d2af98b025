#include "tests/fuzz/client/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/ask.h"
#include "client/buf.h"
#include "client/command.h"
#include "tests/fuzz/fuzz.h"

#define MOST_ANSWERS 100
#define MOST_WORDS 16

/* The linker puts these in the place of the real ones. */
void __wrap_ask_do(struct ask *, const struct request *, struct answer *);
struct call *__wrap_call_start(struct ask *, const struct request *);
bool __wrap_call_is_done(const struct call *);
int __wrap_call_status(const struct call *);
void __wrap_call_take(struct call *, struct answer *);
void __wrap_call_drop(struct call *);
bool __wrap_ask_wait(struct ask *, int fd, int ms);

static const uint8_t *left;
static size_t left_len, given;
static bool by_line;

void
daemon_answers(const uint8_t *data, size_t len)
{
	left = data;
	left_len = len;
	given = 0;
	by_line = false;
}

void
daemon_takes_lines(void)
{
	daemon_answers(NULL, 0);
	by_line = true;
}

static void
set_text(struct answer *a, int status, const char *text)
{
	a->status = status;
	a->text = buf_dup(text);
	a->len = strlen(a->text);
	a->json = a->len > 0 ? json_loadb(a->text, a->len, 0, NULL) : NULL;
}

static void
answer_lines(const char *lines, struct answer *ret)
{
	static const char refused[] =
	    "{\"status\":422,\"detail\":\"it is wrong\",\"errors\":"
	    "[{\"detail\":\"name is too long\"}]}\n";
	static const char *const said[] = { "{\"status\":201}\n",
					    "{\"status\":200}\n", refused };
	struct buf b = { 0 };
	size_t n = 0;

	buf_str(&b, "");
	for (; *lines != '\0'; lines += strcspn(lines, "\n") + 1)
		buf_str(&b, said[n++ % 3]);
	set_text(ret, 200, b.data);
	buf_done(&b);
}

void
__wrap_ask_do(struct ask *a, const struct request *r, struct answer *ret)
{
	char *one, *body;
	long status;

	(void)a;
	memset(ret, 0, sizeof *ret);
	if (by_line) {
		answer_lines(r->lines != NULL ? r->lines : "", ret);
		return;
	}
	one = fuzz_cut(&left, &left_len);
	status = strtol(one, &body, 10);
	if (given++ == MOST_ANSWERS || status < 100 || status > 999) {
		(void)snprintf(ret->fault, sizeof ret->fault, "no daemon");
		set_text(ret, 0, "");
	} else {
		set_text(ret, (int)status, body + (*body == ' '));
	}
	free(one);
}

/* ---- a stream: its bytes, then a refusal, which ends it ----------------- */

static struct {
	struct request request;
	bool open, done;
} stream;

struct call *
__wrap_call_start(struct ask *a, const struct request *r)
{
	(void)a;
	stream.request = *r;
	stream.open = true;
	stream.done = false;
	return (struct call *)(void *)&stream;
}

bool
__wrap_ask_wait(struct ask *a, int fd, int ms)
{
	char *text;
	size_t n = left_len;

	(void)a;
	(void)fd;
	(void)ms;
	if (!stream.open || stream.done)
		return false;
	if (n > 0 && stream.request.on_data != NULL) {
		text = fuzz_text(left, n);
		left_len = 0;
		(void)stream.request.on_data(stream.request.cookie, text, n);
		free(text);
	} else {
		stream.done = true;
	}
	return false;
}

bool
__wrap_call_is_done(const struct call *c)
{
	(void)c;
	return stream.done;
}

int
__wrap_call_status(const struct call *c)
{
	(void)c;
	return stream.done ? 403 : 200;
}

void
__wrap_call_take(struct call *c, struct answer *ret)
{
	(void)c;
	stream.open = false;
	memset(ret, 0, sizeof *ret);
	set_text(ret, 403, "{\"detail\":\"enough\"}");
}

void
__wrap_call_drop(struct call *c)
{
	if (c != NULL)
		stream.open = false;
}

/* ---- what is said ------------------------------------------------------- */

static char *out, *err; /* owned, while it is caught */
static size_t out_size, err_size;
static FILE *real_out, *real_err;

/* glibc lets both be set. */
void
daemon_catch(void)
{
	real_out = stdout;
	real_err = stderr;
	stdout = open_memstream(&out, &out_size);
	stderr = open_memstream(&err, &err_size);
}

static void
must_be_clean(FILE **slot, FILE *real, char *const *text, const size_t *size)
{
	(void)fclose(*slot);
	*slot = real;
	/* On a terminal it may move the cursor. */
	if (isatty(STDERR_FILENO) != 1)
		fuzz_must(fuzz_clean(*text, *size));
	free(*text);
}

void
daemon_check(void)
{
	must_be_clean(&stderr, real_err, &err, &err_size);
	must_be_clean(&stdout, real_out, &out, &out_size);
}

void
daemon_command(const char *const *argv)
{
	char *words[MOST_WORDS + 1];
	int n = 0;

	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)setenv("TZ", "Europe/Berlin", 1);
	for (; argv[n] != NULL && n < MOST_WORDS; n++)
		words[n] = buf_dup(argv[n]);
	words[n] = NULL;
	daemon_catch();
	(void)command_run(n, words);
	daemon_check();
	while (n > 0)
		free(words[--n]);
}
