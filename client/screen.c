#include "client/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client/buf.h"
#include "client/page.h"

void
screen_open(struct screen *s)
{
	const char *term = getenv("TERM");

	memset(s, 0, sizeof *s);
	s->dumb = term == NULL || *term == '\0' || strcmp(term, "dumb") == 0;
	if (!s->dumb)
		fputs("\033[?1049h\033[?25l", stdout);
	fflush(stdout);
}

void
screen_close(struct screen *s)
{
	if (!s->dumb)
		fputs("\033]0;\007\033[?25h\033[?1049l", stdout);
	fflush(stdout);
	free(s->last);
	s->last = NULL;
}

static int
count_lines(const char *s)
{
	int n = 0;

	for (; *s != '\0'; s++)
		n += *s == '\n';
	return n;
}

int
screen_rows(void)
{
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_row > 0)
		return ws.ws_row;
	return 24;
}

/* Lines up to the limit, each cleared behind its end; without a line feed
 * after the last, which would scroll a full screen. */
static void
add_lines(struct buf *b, const char *s, int limit, bool last)
{
	int n = 0;

	while (*s != '\0' && n++ < limit) {
		size_t len = strcspn(s, "\n");

		buf_add(b, s, len);
		buf_str(b, "\033[K");
		s += len + (s[len] == '\n');
		if (!last || (*s != '\0' && n < limit))
			buf_str(b, "\r\n");
	}
}

void
screen_draw(struct screen *s, const char *upper, const char *lower,
	    bool changed)
{
	struct buf b = { 0 };
	int room = screen_rows() - count_lines(lower);

	if (s->dumb) {
		if (changed)
			printf("%s%s", upper, lower);
		fflush(stdout);
		return;
	}
	buf_str(&b, "\033[H");
	add_lines(&b, upper, room > 1 ? room : 1, false);
	add_lines(&b, lower, screen_rows(), true);
	buf_str(&b, "\033[J");
	if (changed || s->last == NULL || strcmp(s->last, b.data) != 0)
		fputs(b.data, stdout);
	fflush(stdout);
	free(s->last);
	s->last = b.data;
}

void
screen_call(struct screen *s, const char *title)
{
	char clean[256];
	struct page p;

	page_init(&p, stdout, STDOUT_FILENO);
	page_clean(&p, clean, sizeof clean, title);
	if (s->dumb)
		printf("\a");
	else
		printf("\a\033]0;%s\007", clean);
	fflush(stdout);
}
