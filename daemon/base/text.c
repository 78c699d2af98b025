#include "daemon/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *
must(void *p)
{
	if (p == NULL) {
		(void)fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

void *
text_alloc(size_t size)
{
	return must(calloc(1, size > 0 ? size : 1));
}

void *
text_realloc(void *p, size_t size)
{
	return must(realloc(p, size > 0 ? size : 1));
}

char *
text_dup(const char *s)
{
	return s != NULL ? must(strdup(s)) : NULL;
}

char *
text_dup_n(const char *s, size_t len)
{
	char *p = text_alloc(len + 1);

	memcpy(p, s, len);
	return p;
}

static char *__attribute__((format(printf, 1, 0)))
print(const char *fmt, va_list ap)
{
	char *p = NULL;
	int n = vasprintf(&p, fmt, ap);

	return must(n < 0 ? NULL : p);
}

char *
text_print(const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = print(fmt, ap);
	va_end(ap);
	return p;
}

void
text_done(struct text *t)
{
	free(t->data);
	*t = (struct text){ 0 };
}

static void
reserve(struct text *t, size_t more)
{
	size_t need = t->len + more + 1;

	if (need <= t->size)
		return;
	t->size = t->size * 2 > need ? t->size * 2 : need;
	t->data = text_realloc(t->data, t->size);
}

void
text_add(struct text *t, const char *s, size_t len)
{
	reserve(t, len);
	memcpy(t->data + t->len, s, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void
text_add_str(struct text *t, const char *s)
{
	text_add(t, s, strlen(s));
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = print(fmt, ap);
	va_end(ap);
	text_add_str(t, p);
	free(p);
}

char *
text_take(struct text *t)
{
	char *p;

	reserve(t, 0);
	p = t->data;
	p[t->len] = '\0';
	*t = (struct text){ 0 };
	return p;
}

int
text_int64(int64_t *ret, const char *s, int64_t min, int64_t max)
{
	const char *digits = *s == '-' ? s + 1 : s;
	char *end;
	intmax_t n;

	if (!isdigit((unsigned char)*digits))
		return -1;
	errno = 0;
	n = strtoimax(s, &end, 10);
	if (errno != 0 || *end != '\0' || n < min || n > max)
		return -1;
	*ret = n;
	return 0;
}

int
text_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
text_duration_ms(int64_t *ret_ms, const char *s)
{
	static const struct {
		char unit;
		int64_t ms;
	} units[] = {
		{ 's', 1000 },
		{ 'm', 60 * 1000 },
		{ 'h', 3600 * 1000 },
		{ 'd', 86400 * 1000 },
		{ 'w', 7 * 86400 * 1000 },
	};
	char digits[16];
	size_t n = strlen(s);
	int64_t count;

	if (n < 2 || n > sizeof digits)
		return -1;
	memcpy(digits, s, n - 1);
	digits[n - 1] = '\0';
	if (text_int64(&count, digits, 0, 1000 * 1000 * 1000) < 0)
		return -1;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i].unit == s[n - 1]) {
			*ret_ms = count * units[i].ms;
			return 0;
		}
	}
	return -1;
}

void
text_duration_words(char *buf, size_t size, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *word;
	} units[] = {
		{ 86400 * 1000, "day" },
		{ 3600 * 1000, "hour" },
		{ 60 * 1000, "minute" },
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (ms >= units[i].ms && ms % units[i].ms == 0) {
			int64_t n = ms / units[i].ms;

			(void)snprintf(buf, size, "%" PRId64 " %s%s", n,
			    units[i].word, n == 1 ? "" : "s");
			return;
		}
	}
	(void)snprintf(buf, size, "%" PRId64 " second%s", ms / 1000,
	    ms / 1000 == 1 ? "" : "s");
}

/* One well-formed sequence at s: its length and code point, or 0. */
static size_t
utf8_next(const char *s, size_t len, uint32_t *ret_code)
{
	const unsigned char *u = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t n;

	if (u[0] < 0x80) {
		*ret_code = u[0];
		return 1;
	}
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 0;
	n = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (len < n)
		return 0;
	code = u[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (u[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

bool
text_utf8(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint32_t code;
		size_t n = utf8_next(s + i, len - i, &code);

		if (n == 0 || code == 0)
			return false;
		i += n;
	}
	return true;
}

bool
text_is_step(const char *s)
{
	return strcmp(s, ".") == 0 || strcmp(s, "..") == 0;
}

bool
text_is_name(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 64 || *s == '-' || text_is_step(s))
		return false;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr("._-@", *s) == NULL)
			return false;
	}
	return true;
}

/* What a terminal obeys, or what makes a text look like another one: controls
 * (C0, DEL, C1), line and paragraph separators, what turns the direction of
 * writing round, what has no width, tags. */
static bool
is_unsafe(uint32_t code, bool keep_lines)
{
	static const struct {
		uint32_t first, last;
	} spans[] = { { 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad },
		{ 0x61c, 0x61c }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xe0000, 0xe0fff } };

	if (code == '\n' && keep_lines)
		return false;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		if (code >= spans[i].first && code <= spans[i].last)
			return true;
	}
	return false;
}

void
text_clean(char *s, bool keep_lines)
{
	size_t len = strlen(s);
	char *to = s;

	for (size_t i = 0; i < len;) {
		uint32_t code = 0;
		size_t n = utf8_next(s + i, len - i, &code);

		if (n == 0 || is_unsafe(code, keep_lines)) {
			*to++ = '?';
			i += n > 0 ? n : 1;
			continue;
		}
		memmove(to, s + i, n);
		to += n;
		i += n;
	}
	*to = '\0';
}
