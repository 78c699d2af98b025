#include "client/table.h"

#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "client/buf.h"

struct table {
	struct page *page; /* borrowed */
	struct libscols_table *tb;
	struct libscols_line *last; /* borrowed from tb */
	size_t columns;
};

struct table *
table_new(struct page *page, const struct table_head *head, size_t count)
{
	struct table *t = buf_alloc(sizeof *t);
	bool bounded = page->tty || getenv("COLUMNS") != NULL;
	size_t i;

	t->page = page;
	t->columns = count;
	t->tb = scols_new_table();
	if (t->tb == NULL)
		abort();
	scols_table_set_column_separator(t->tb, "  ");
	scols_table_enable_colors(t->tb, page->colour);
	scols_table_set_termforce(t->tb, bounded ? SCOLS_TERMFORCE_ALWAYS
						 : SCOLS_TERMFORCE_NEVER);
	scols_table_set_termwidth(t->tb,
				  bounded ? (size_t)page->width - 1 : 10000);
	for (i = 0; i < count; i++) {
		int flags = 0;

		if (head[i].kind == TABLE_RIGHT)
			flags = SCOLS_FL_RIGHT;
		else if (head[i].kind == TABLE_CUT)
			flags = SCOLS_FL_TRUNC;
		scols_table_new_column(t->tb, head[i].name, 0, flags);
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
		page_clean(t->page, clean, sizeof clean,
			   cells[i] != NULL ? cells[i] : "");
		page_cut(t->page, clean, 60);
		scols_line_set_data(t->last, i, clean);
	}
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
