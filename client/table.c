#include "client/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "client/buf.h"

#define COLUMNS_MAX 12
#define CELL_MAX 60
#define LEAST 8 /* cells that are left of what is cut */
#define GAP 2

struct table {
	struct page *page; /* borrowed */
	struct libscols_table *tb;
	struct libscols_line *last;    /* borrowed from tb */
	const struct table_head *head; /* borrowed */
	size_t columns;
	int width[COLUMNS_MAX]; /* of the widest cell */
	int least[COLUMNS_MAX]; /* to which it may be cut */
	bool hidden[COLUMNS_MAX];
};

struct table *
table_new(struct page *page, const struct table_head *head, size_t count)
{
	struct table *t = buf_alloc(sizeof *t);
	size_t i;

	assert(count <= COLUMNS_MAX);
	t->page = page;
	t->head = head;
	t->columns = count;
	t->tb = scols_new_table();
	if (t->tb == NULL)
		abort();
	scols_table_set_column_separator(t->tb, "  ");
	scols_table_enable_colors(t->tb, page->colour);
	/* What does not fit is cut here, so that the cut can be seen. */
	scols_table_set_termforce(t->tb, SCOLS_TERMFORCE_NEVER);
	scols_table_set_termwidth(t->tb, 10000);
	for (i = 0; i < count; i++) {
		scols_table_new_column(
		    t->tb, head[i].name, 0,
		    head[i].kind == TABLE_RIGHT ? SCOLS_FL_RIGHT : 0);
		t->width[i] = page_cells(page, head[i].name);
		t->least[i] = t->width[i];
	}
	return t;
}

void
table_row(struct table *t, const char *const *cells)
{
	char clean[512];
	size_t i;

	t->last = scols_table_new_line(t->tb, NULL);
	if (t->last == NULL)
		return;
	for (i = 0; i < t->columns; i++) {
		int n;

		page_clean(t->page, clean, sizeof clean,
			   cells[i] != NULL ? cells[i] : "");
		page_cut(t->page, clean, CELL_MAX);
		scols_line_set_data(t->last, i, clean);
		n = page_cells(t->page, clean);
		if (n > t->width[i])
			t->width[i] = n;
		if (t->head[i].kind == TABLE_CUT && n > LEAST)
			n = LEAST;
		if (n > t->least[i])
			t->least[i] = n;
	}
}

void
table_keep(struct table *t, size_t column)
{
	const char *text;
	int n;

	if (t->last == NULL)
		return;
	text = scols_line_get_column_data(
	    t->last, scols_table_get_column(t->tb, column));
	n = text != NULL ? page_cells(t->page, text) : 0;
	if (n > t->least[column])
		t->least[column] = n;
}

void
table_alarm(struct table *t, size_t column)
{
	struct libscols_cell *cell;

	if (t->last == NULL)
		return;
	cell = scols_line_get_cell(t->last, column);
	if (cell != NULL)
		scols_cell_set_color(cell, "red");
}

/* The cells of a line, with the blank in front of it. */
static int
line_width(const struct table *t, const int *widths)
{
	int sum = 1 - GAP;
	size_t i;

	for (i = 0; i < t->columns; i++)
		if (!t->hidden[i])
			sum += widths[i] + GAP;
	return sum;
}

/* False where all that is left must be there. */
static bool
leave_one_out(struct table *t)
{
	size_t i, found = t->columns;

	for (i = 0; i < t->columns; i++)
		if (!t->hidden[i] && t->head[i].rank > 0 &&
		    (found == t->columns ||
		     t->head[i].rank > t->head[found].rank))
			found = i;
	if (found == t->columns)
		return false;
	t->hidden[found] = true;
	scols_column_set_flags(scols_table_get_column(t->tb, found),
			       SCOLS_FL_HIDDEN);
	return true;
}

/* The widest column that may be cut loses a cell; false: none may. */
static bool
cut_one(struct table *t)
{
	size_t i, found = t->columns;

	for (i = 0; i < t->columns; i++)
		if (!t->hidden[i] && t->width[i] > t->least[i] &&
		    (found == t->columns || t->width[i] > t->width[found]))
			found = i;
	if (found == t->columns)
		return false;
	t->width[found]--;
	return true;
}

static void
cut_cells(struct table *t)
{
	struct libscols_line *line;
	char text[512];
	size_t i, k;

	for (k = 0; k < scols_table_get_nlines(t->tb); k++) {
		line = scols_table_get_line(t->tb, k);
		for (i = 0; i < t->columns; i++) {
			const char *data = scols_line_get_column_data(
			    line, scols_table_get_column(t->tb, i));

			if (data == NULL ||
			    page_cells(t->page, data) <= t->width[i])
				continue;
			snprintf(text, sizeof text, "%s", data);
			page_cut(t->page, text, t->width[i]);
			scols_line_set_data(line, i, text);
		}
	}
}

static void
fit(struct table *t)
{
	int room = t->page->width;

	if (!t->page->tty && getenv("COLUMNS") == NULL)
		return;
	while (line_width(t, t->least) > room)
		if (!leave_one_out(t))
			break;
	while (line_width(t, t->width) > room)
		if (!cut_one(t))
			break;
	cut_cells(t);
}

static void
print_line(struct page *p, const char *line, size_t len)
{
	while (len > 0 && line[len - 1] == ' ')
		len--;
	fprintf(p->to, " %.*s\n", (int)len, line);
}

void
table_end(struct table *t)
{
	char *text = NULL, *line;
	size_t len;

	fit(t);
	if (scols_print_table_to_string(t->tb, &text) == 0 && text != NULL) {
		for (line = text; *line != '\0'; line += len) {
			len = strcspn(line, "\n");
			print_line(t->page, line, len);
			if (line[len] == '\n')
				len++;
		}
	}
	free(text);
	table_drop(t);
}

void
table_drop(struct table *t)
{
	scols_unref_table(t->tb);
	free(t);
}
