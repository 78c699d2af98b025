/* page.h -- what reaches a terminal.  Every text is cleaned on its way: control
 * characters (C0, C1), bidirectional overrides and other invisible ones become
 * '?', and all that is not ASCII does where the locale is not UTF-8.  Columns
 * count display cells, from 0. */
#ifndef RB_CLIENT_PAGE_H
#define RB_CLIENT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum page_style { PAGE_PLAIN, PAGE_BOLD, PAGE_ALARM, PAGE_DIM };

struct page {
	FILE *to; /* borrowed */
	int width;
	bool tty;
	bool colour;
	bool utf8;
	int col;   /* where the pen stands */
	int ahead; /* blanks on the way there, printed before the next text */
};

/* page_init: looks at the locale, at fd, TERM, NO_COLOR, and at COLUMNS where
 * fd is no terminal that knows its width. */
void page_init(struct page *, FILE *to, int fd);

/* page_clean: src made fit for a terminal; cut at a whole character. */
void page_clean(const struct page *, char *dst, size_t size, const char *src);
/* page_json: JSON made fit for a terminal, and still the same JSON: what
 * page_clean would take out is written as \u....  The text is NUL-terminated
 * besides. */
void page_json(struct page *, const char *json, size_t len);
/* page_cells: display width of a cleaned text. */
int page_cells(const struct page *, const char *clean);
/* page_cut: shortens a cleaned text in place to that many cells. */
void page_cut(const struct page *, char *clean, int cells);

/* page_put: prints at the pen; on a new line where it does not fit, cut
 * where it does not fit there. */
void page_put(struct page *, enum page_style, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* page_at: moves the pen to the column, at least one blank further. */
void page_at(struct page *, int col);
/* page_right: prints so that it ends at the right edge. */
void page_right(struct page *, enum page_style, const char *text);
/* page_wrap: a long text from the pen's column on, word by word, at most so
 * many lines; leaves the pen at the end. */
void page_wrap(struct page *, const char *text, int lines);
/* page_say: one sentence, wrapped on a terminal, and the end of the line. */
void page_say(struct page *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void page_end(struct page *);
void page_rule(struct page *);

#endif
