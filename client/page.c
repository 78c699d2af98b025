#include "client/page.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define NARROW 24 /* narrower ones wrap by themselves */
#define WIDE 200
#define MARKS_MOST 3 /* on one letter */

static const char *const style_on[] = {
	[PAGE_PLAIN] = "",
	[PAGE_BOLD] = "\033[1m",
	[PAGE_ALARM] = "\033[1;31m",
	[PAGE_DIM] = "\033[2m",
};

static int
find_width(int fd)
{
	const char *env = getenv("COLUMNS");
	struct winsize ws;
	long width = 0;

	/* A terminal knows; the environment may be of another one. */
	if (ioctl(fd, TIOCGWINSZ, &ws) == 0)
		width = ws.ws_col;
	if (width <= 0 && env != NULL)
		width = strtol(env, NULL, 10);
	if (width <= 0)
		width = 80;
	if (width < NARROW)
		return NARROW;
	return width > WIDE ? WIDE : (int)width;
}

void
page_init(struct page *p, FILE *to, int fd)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	memset(p, 0, sizeof *p);
	p->to = to;
	p->width = find_width(fd);
	p->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	p->tty = isatty(fd) == 1;
	p->colour = p->tty && (no == NULL || *no == '\0') && term != NULL &&
		    *term != '\0' && strcmp(term, "dumb") != 0;
}

/* The next character; broken UTF-8 gives one U+FFFD a byte. */
static uint32_t
next_char(const char **s)
{
	const unsigned char *p = (const unsigned char *)*s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = *p;
	int i, n = 1;

	if (c >= 0xf0 && c < 0xf5)
		n = 4;
	else if (c >= 0xe0 && c < 0xf0)
		n = 3;
	else if (c >= 0xc2 && c < 0xe0)
		n = 2;
	(*s)++;
	if (n == 1)
		return c < 0x80 ? c : 0xfffd;
	c &= 0xffU >> (n + 1);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0xfffd;
	*s += n - 1;
	return c;
}

static bool
is_hidden(uint32_t c)
{
	return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0x061c || c == 0xfeff ||
	       c == 0x00ad || c == 0xfffd || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool
is_fit(const struct page *p, uint32_t c)
{
	if (c < 0x20 || c == 0x7f)
		return false;
	if (c < 0x7f)
		return true;
	return p->utf8 && !is_hidden(c) && wcwidth((wchar_t)c) >= 0;
}

void
page_clean(const struct page *p, char *dst, size_t size, const char *src)
{
	size_t len = 0;
	int marks = 0;

	while (*src != '\0' && len + 5 < size) {
		const char *from = src;
		uint32_t c = next_char(&src);

		if (c == '\n' || c == '\t') {
			dst[len++] = ' ';
			continue;
		}
		if (!is_fit(p, c)) {
			dst[len++] = '?';
			continue;
		}
		/* A heap of marks on one letter would paint over its lines. */
		marks = c >= 0x80 && wcwidth((wchar_t)c) == 0 ? marks + 1 : 0;
		if (marks > MARKS_MOST)
			continue;
		memcpy(dst + len, from, (size_t)(src - from));
		len += (size_t)(src - from);
	}
	dst[len] = '\0';
}

/* The same character to whoever reads JSON. */
static void
put_escaped(struct page *p, uint32_t c)
{
	if (c > 0xffff)
		fprintf(p->to, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
			0xdc00 + (c & 0x3ff));
	else
		fprintf(p->to, "\\u%04x", c);
}

/* What is no JSON becomes '?': a control, a byte that is no UTF-8. */
void
page_json(struct page *p, const char *json, size_t len)
{
	const char *at = json, *end = json + len;
	int marks = 0;

	while (at < end) {
		const char *from = at;
		uint32_t c = next_char(&at);

		if (c == '\n' || c == '\t' || c == '\r') {
			fputc(c == '\n' ? '\n' : ' ', p->to);
			continue;
		}
		if (c < 0x20 || (c == 0xfffd && at == from + 1)) {
			fputc('?', p->to);
			continue;
		}
		marks = c >= 0x80 && wcwidth((wchar_t)c) == 0 ? marks + 1 : 0;
		if (marks > MARKS_MOST || !is_fit(p, c))
			put_escaped(p, c);
		else
			fwrite(from, 1, (size_t)(at - from), p->to);
	}
}

static int
cells_of(const struct page *p, uint32_t c)
{
	int n;

	if (c < 0x80 || !p->utf8)
		return 1;
	n = wcwidth((wchar_t)c);
	return n < 0 ? 1 : n;
}

int
page_cells(const struct page *p, const char *s)
{
	int n = 0;

	while (*s != '\0')
		n += cells_of(p, next_char(&s));
	return n;
}

void
page_cut(const struct page *p, char *s, int cells)
{
	const char *at = s;
	char *dots = s;
	int n = 0;

	if (page_cells(p, s) <= cells)
		return;
	while (*at != '\0') {
		n += cells_of(p, next_char(&at));
		if (n > cells - 2)
			break;
		dots = s + (at - s);
	}
	/* At least two bytes follow: more than two cells were left over. */
	dots[0] = '.';
	dots[1] = '.';
	dots[2] = '\0';
	if (cells < 2)
		s[cells > 0 ? cells : 0] = '\0';
}

static void
print_styled(struct page *p, enum page_style style, const char *text)
{
	if (*text == '\0')
		return;
	for (; p->ahead > 0; p->ahead--)
		fputc(' ', p->to);
	if (p->colour && style != PAGE_PLAIN)
		fprintf(p->to, "%s%s\033[0m", style_on[style], text);
	else
		fputs(text, p->to);
	p->col += page_cells(p, text);
}

void
page_put(struct page *p, enum page_style style, const char *fmt, ...)
{
	char raw[2048], text[2048];
	va_list ap;
	int indent = p->width >= 60 ? 11 : 2;
	char *rest = text;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	page_clean(p, text, sizeof text, raw);
	if (p->col > indent && p->col + page_cells(p, text) > p->width) {
		/* No line begins with a comma or a blank. */
		if (*rest == ',') {
			if (p->col < p->width)
				print_styled(p, PAGE_PLAIN, ",");
			rest++;
		}
		rest += strspn(rest, " ");
		page_end(p);
		page_at(p, indent);
	}
	page_cut(p, rest, p->width - p->col);
	print_styled(p, style, rest);
}

void
page_say(struct page *p, const char *fmt, ...)
{
	char raw[8192], text[8192];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	if (p->tty) {
		page_at(p, (int)strspn(raw, " "));
		page_wrap(p, raw, 100);
	} else {
		page_clean(p, text, sizeof text, raw);
		fputs(text, p->to);
	}
	page_end(p);
}

void
page_at(struct page *p, int col)
{
	if (p->col > 0 && p->col >= col)
		col = p->col + 1;
	if (col <= p->col)
		return;
	if (col >= p->width) {
		page_end(p);
		return;
	}
	p->ahead += col - p->col;
	p->col = col;
}

void
page_right(struct page *p, enum page_style style, const char *text)
{
	char clean[256];

	page_clean(p, clean, sizeof clean, text);
	page_at(p, p->width - page_cells(p, clean));
	print_styled(p, style, clean);
}

/* One word, or a part of one that is longer than a line; false at the end. */
static bool
take_word(char *word, size_t size, const char **s, int *ret_gap)
{
	size_t len = strspn(*s, " \n\t\r");

	*ret_gap = len > 3 ? 3 : (int)len;
	*s += len;
	len = strcspn(*s, " \n\t\r");
	if (len == 0)
		return false;
	if (len >= size)
		len = size - 1;
	/* A broken character here would show as '?': go back to a whole one. */
	while (len > 1 && ((unsigned char)(*s)[len] & 0xc0) == 0x80)
		len--;
	memcpy(word, *s, len);
	word[len] = '\0';
	*s += len;
	return true;
}

void
page_wrap(struct page *p, const char *text, int lines)
{
	char raw[512], word[512];
	int from = p->col;
	size_t room = p->width - from > 8 ? (size_t)(p->width - from) : 8;
	bool first = true;
	int gap;

	/* In bytes: of what takes more than one a cell, a line holds less. */
	while (take_word(raw, room + 1, &text, &gap)) {
		page_clean(p, word, sizeof word, raw);
		if (!first && p->col + gap + page_cells(p, word) > p->width) {
			if (--lines == 0) {
				if (p->col + 3 <= p->width)
					print_styled(p, PAGE_PLAIN, " ..");
				return;
			}
			page_end(p);
			page_at(p, from);
			first = true;
		}
		if (!first && gap > 0)
			page_at(p, p->col + gap);
		print_styled(p, PAGE_PLAIN, word);
		first = false;
	}
}

void
page_end(struct page *p)
{
	fputc('\n', p->to);
	p->col = 0;
	p->ahead = 0;
}

void
page_rule(struct page *p)
{
	int i;

	for (i = 0; i < p->width; i++)
		fputs(p->utf8 ? "\u2500" : "-", p->to);
	page_end(p);
}
