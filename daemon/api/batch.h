/* batch.h -- a body of many lines (NDJSON), or a JSON array of many events,
 * each answered in order: a bad one spoils no other. */
#ifndef RB_API_BATCH_H
#define RB_API_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct batch;
struct req;

/* A line's work: exactly one batch_answer(batch, i, ...), at once or later. */
typedef void batch_line(struct batch *, size_t i, const char *line, size_t len,
			void *cookie);

/* batch_run: every line that is not blank, in order; the answer goes out when
 * all have been answered.  The batch lives as long as the request. */
void batch_run(struct req *, batch_line *, void *cookie);

/* batch_list: the same with the parts of a JSON array, which need not live
 * longer; answered by one.  503 where any was not stored, the least of their
 * statuses where none was taken, else 200 (202 where one is kept). */
typedef void batch_item(struct batch *, size_t i, const json_t *item);
void batch_list(struct req *, const json_t *list, batch_item *);

/* batch_fits: a line of that length is short enough; false: it is not, and so
 * answered. */
bool batch_fits(struct batch *, size_t i, size_t len);

/* batch_lines: how many such lines the body has. */
size_t batch_lines(struct req *);

/* batch_answer: status goes into the object (taken) as "status". */
void batch_answer(struct batch *, size_t i, int status, json_t *object);
void batch_fail(struct batch *, size_t i, int status, const char *title,
		const char *detail);
/* batch_fail_fields: 422, with the list of what is wrong (taken). */
void batch_fail_fields(struct batch *, size_t i, json_t *errors);
struct req *batch_req(const struct batch *);

/* batch_is: does the content type say that the body is one? */
bool batch_is(const struct req *);

#endif
