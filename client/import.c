#include "client/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csv.h>

#include "client/buf.h"
#include "client/customers.h"
#include "client/field.h"
#include "client/problem.h"

#define BATCH 200
#define COLUMNS_MAX 32
#define LINE_MAX_BYTES 65536
#define KEPT_BACK 200

struct import {
	struct cmd *c;
	struct csv_parser csv;
	char *column[COLUMNS_MAX]; /* owned; of the header row */
	size_t columns;
	char *cell[COLUMNS_MAX]; /* owned; of the row being read */
	size_t cells;
	long line;        /* being read, from 1 */
	long row_line;    /* where the row began */
	bool row_open;    /* a quoted field goes on on the next line */
	struct buf batch; /* NDJSON */
	long batch_line[BATCH];
	size_t batched;
	struct {
		long line;
		char *why;            /* owned */
	} refused[BATCH + KEPT_BACK]; /* told with the batch, by line */
	size_t refusals;
	json_t *ids; /* owned: id to the line in which it stands */
	long good, added, bad;
	long long size, read; /* bytes; size 0: not known */
	bool head_done;
	bool stop;
	int code;
};

/* What is refused here is told among what the daemon refuses of the rows
 * before, so that the lines come in their order. */
static void
refuse(struct import *im, long line, const char *why)
{
	size_t i;

	im->bad++;
	for (i = im->refusals; i > 0 && im->refused[i - 1].line > line; i--)
		im->refused[i] = im->refused[i - 1];
	im->refused[i].line = line;
	im->refused[i].why = buf_dup(why);
	im->refusals++;
}

static void
tell_refused(struct import *im)
{
	size_t i;

	if (im->refusals > 0 && isatty(STDERR_FILENO) == 1)
		fputs("\r\033[K", stderr); /* the progress bar */
	for (i = 0; i < im->refusals; i++) {
		problem_say("line %ld: %s", im->refused[i].line,
			    im->refused[i].why);
		free(im->refused[i].why);
	}
	im->refusals = 0;
}

static void
show_progress(const struct import *im)
{
	int done, i;

	if (isatty(STDERR_FILENO) != 1 || im->size <= 0)
		return;
	done = (int)(im->read * 40 / im->size);
	fputs("\r [", stderr);
	for (i = 0; i < 40; i++)
		fputc(i < done ? '#' : '.', stderr);
	fprintf(stderr, "] %ld", im->good);
}

/* The answer of one line of a batch. */
static void
take_status(struct import *im, const json_t *a, long line)
{
	const json_t *errors = field_list(a, "errors");
	const json_t *first = json_array_get(errors, 0);
	int64_t status = field_int(a, "status", 0);
	const char *detail = field_str(a, "detail");
	const char *more = field_str(first, "detail");
	char why[1024];

	if (status >= 200 && status < 300) {
		im->good++;
		im->added += status == 201;
		return;
	}
	if (strstr(detail, more) != NULL)
		more = "";
	snprintf(why, sizeof why, "%s%s%s",
		 *detail != '\0' ? detail : "it was refused",
		 *more != '\0' ? ": " : "", more);
	refuse(im, line, why);
}

static void
take_answers(struct import *im, const struct answer *a)
{
	const char *line = a->text;
	size_t i;

	for (i = 0; i < im->batched; i++) {
		size_t len = strcspn(line, "\n");
		json_t *j = json_loadb(line, len, 0, NULL);

		if (j == NULL) {
			refuse(im, im->batch_line[i],
			       "the daemon did not answer it");
		} else {
			take_status(im, j, im->batch_line[i]);
			json_decref(j);
		}
		line += len + (line[len] == '\n');
	}
}

static void
post_batch(struct import *im)
{
	struct request r = { .method = "POST",
			     .path = "/v1/customers",
			     .lines = im->batch.data,
			     .timeout_s = 60 };
	struct answer a;

	ask_do(im->c->ask, &r, &a);
	if (answer_ok(&a)) {
		if (im->c->json)
			cmd_json(im->c, &a);
		take_answers(im, &a);
	} else {
		problem_tell(&a);
		problem_say("stopped at line %ld; what went in before stays",
			    im->batch_line[0]);
		im->code = (int)answer_exit(&a);
		im->stop = true;
	}
	answer_done(&a);
	buf_cut(&im->batch, im->batch.len);
	im->batched = 0;
}

static void
send_batch(struct import *im)
{
	if (im->batched > 0 && !im->stop)
		post_batch(im);
	tell_refused(im);
	show_progress(im);
}

/* Before there is no room for what is refused next. */
static void
send_if_full(struct import *im)
{
	if (im->batched == BATCH || im->refusals + 2 >= KEPT_BACK)
		send_batch(im);
}

static void
free_cells(struct import *im)
{
	size_t i;

	for (i = 0; i < im->cells; i++)
		free(im->cell[i]);
	im->cells = 0;
}

static void
take_head(struct import *im)
{
	size_t i, k;
	char why[512];

	im->head_done = true;
	for (i = 0; i < im->cells; i++) {
		if (!customers_is_field(im->cell[i])) {
			snprintf(why, sizeof why,
				 "there is no column '%.60s'; the first line "
				 "names them: %s",
				 im->cell[i], customers_fields());
			refuse(im, im->row_line, why);
			im->stop = true;
		}
		for (k = 0; k < i; k++) {
			if (strcmp(im->cell[i], im->cell[k]) != 0)
				continue;
			refuse(im, im->row_line, "a column stands there twice");
			im->stop = true;
			break;
		}
		im->column[i] = im->cell[i];
	}
	im->columns = im->cells;
	im->cells = 0;
}

/* There must be one, and no row before may have it. */
static void
check_id(struct import *im, const char *id, char *why, size_t size)
{
	json_int_t line = json_integer_value(json_object_get(im->ids, id));

	if (*id == '\0')
		snprintf(why, size, "the id is missing");
	else if (line > 0)
		snprintf(why, size,
			 "the id %.60s stands in line %lld already, which "
			 "counts",
			 id, (long long)line);
	else
		json_object_set_new(im->ids, id, json_integer(im->row_line));
}

static void
take_row(struct import *im)
{
	json_t *o = json_object();
	char why[512] = "", *text;
	size_t i;

	if (im->cells != im->columns)
		snprintf(why, sizeof why,
			 "it has %zu fields, the first line has %zu", im->cells,
			 im->columns);
	for (i = 0; i < im->cells && *why == '\0'; i++) {
		if (*im->cell[i] == '\0')
			continue;
		if (customers_field(o, im->column[i], im->cell[i], why,
				    sizeof why) == 0)
			why[0] = '\0';
	}
	if (*why == '\0')
		check_id(im, field_str(o, "id"), why, sizeof why);
	text = *why == '\0' ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	if (text == NULL) {
		refuse(im, im->row_line, why);
	} else {
		im->batch_line[im->batched++] = im->row_line;
		buf_str(&im->batch, text);
		buf_str(&im->batch, "\n");
		free(text);
	}
}

static void
on_cell(void *data, size_t len, void *cookie)
{
	struct import *im = cookie;
	struct buf b = { 0 };

	if (im->cells == COLUMNS_MAX)
		return;
	buf_add(&b, data != NULL ? data : "", data != NULL ? len : 0);
	im->cell[im->cells++] = b.data;
}

static void
on_row(int c, void *cookie)
{
	struct import *im = cookie;

	(void)c;
	if (im->stop)
		free_cells(im);
	else if (!im->head_done)
		take_head(im);
	else
		take_row(im);
	send_if_full(im);
	free_cells(im);
	im->row_open = false;
}

static void
start_csv(struct import *im, unsigned char delimiter)
{
	csv_init(&im->csv, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
	csv_set_delim(&im->csv, delimiter);
	im->row_open = false;
}

/* A quote that is not closed is noticed only where the next one stands; it is
 * named where it is open. */
static void
refuse_line(struct import *im, size_t len)
{
	char why[200];

	if (len > LINE_MAX_BYTES) {
		refuse(im, im->line, "it is longer than 65536 bytes");
	} else if (im->row_line < im->line) {
		snprintf(why, sizeof why,
			 "a quote is opened and not closed; nothing was taken "
			 "from here to line %ld",
			 im->line);
		im->bad += im->line - im->row_line;
		refuse(im, im->row_line, why);
	} else {
		refuse(im, im->line, "a quote stands where none may stand");
	}
}

/* After a fault the rest of the line is dropped and reading goes on behind. */
static void
take_line(struct import *im, const char *line, size_t len)
{
	unsigned char delimiter = ',';

	if (im->line == 1) {
		if (len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
			line += 3;
			len -= 3;
		}
		if (memchr(line, ';', len) != NULL &&
		    memchr(line, ',', len) == NULL)
			delimiter = ';';
		start_csv(im, delimiter);
	}
	delimiter = csv_get_delim(&im->csv);
	if (!im->row_open)
		im->row_line = im->line;
	im->row_open = im->row_open || strspn(line, " \t\r\n") < len;
	if (memchr(line, '\0', len) == NULL && len <= LINE_MAX_BYTES &&
	    csv_parse(&im->csv, line, len, on_cell, on_row, im) == len)
		return;
	refuse_line(im, len);
	send_if_full(im);
	free_cells(im);
	csv_free(&im->csv);
	start_csv(im, delimiter);
}

static void
read_all(struct import *im, FILE *f)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	while (!im->stop && (len = getline(&line, &size, f)) > 0) {
		im->line++;
		im->read += len;
		take_line(im, line, (size_t)len);
	}
	free(line);
	if (im->line == 0 && !ferror(f)) {
		problem_say(
		    "the file is empty; its first line names the columns: %s",
		    customers_fields());
		im->bad++;
	}
	if (im->line == 0)
		return;
	if (!im->stop && csv_fini(&im->csv, on_cell, on_row, im) != 0) {
		im->bad += im->line - im->row_line;
		refuse(im, im->row_line,
		       im->line > im->row_line
			   ? "a quote is opened and never closed; nothing was "
			     "taken from here to the end"
			   : "a quote is opened and never closed");
	}
	send_batch(im);
	free_cells(im);
	csv_free(&im->csv);
}

static FILE *
open_file(const char *path, long long *ret_size)
{
	struct stat st;
	FILE *f;

	*ret_size = 0;
	if (strcmp(path, "-") == 0)
		return stdin;
	f = fopen(path, "re");
	if (f == NULL) {
		problem_say("%s cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		problem_say("%s is a folder, not a file.", path);
		fclose(f);
		return NULL;
	}
	if (fseeko(f, 0, SEEK_END) == 0) {
		*ret_size = (long long)ftello(f);
		rewind(f);
	}
	return f;
}

int
import_customers(struct cmd *c)
{
	struct import im = { .c = c };
	FILE *f;
	size_t i;

	if (cmd_count(c) != 2)
		return cmd_usage(c,
				 "import which file? '-' is standard input.");
	f = open_file(cmd_word(c, 1), &im.size);
	if (f == NULL)
		return EXIT_REFUSED;
	im.ids = json_object();
	read_all(&im, f);
	if (ferror(f)) {
		problem_say("%s: %s", cmd_word(c, 1), strerror(errno));
		im.bad++;
	}
	if (f != stdin)
		fclose(f);
	for (i = 0; i < im.columns; i++)
		free(im.column[i]);
	buf_done(&im.batch);
	json_decref(im.ids);
	if (isatty(STDERR_FILENO) == 1)
		fputs("\r\033[K", stderr);
	if (!c->json)
		page_say(c->page,
			 "%ld customer%s taken in (%ld new), %ld refused.",
			 im.good, im.good == 1 ? "" : "s", im.added, im.bad);
	if (im.code != EXIT_DONE)
		return im.code;
	return im.bad > 0 ? EXIT_REFUSED : EXIT_DONE;
}
