/* cmd.h -- what a verb works with. */
#ifndef RB_CLIENT_CMD_H
#define RB_CLIENT_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "client/args.h"
#include "client/ask.h"
#include "client/page.h"
#include "client/path.h"

struct cmd {
	struct ask *ask;         /* borrowed */
	const struct args *args; /* borrowed */
	struct page *page;       /* standard output */
	const char *usage;       /* of the verb: "[ID] TEXT" */
	bool json;
};

/* A verb: does its work, returns the exit code. */
typedef int verb_run(struct cmd *);

/* cmd_call: asks.  True: all went well, the answer is to be shown, and to be
 * ended with answer_done.  False: everything has been said (--json, or the
 * problem), nothing is to be freed, and *ret_exit is the verb's exit code.
 * body is taken; NULL where there is none. */
bool cmd_call(struct cmd *, const struct request *, struct answer *,
	      int *ret_exit);
bool cmd_send(struct cmd *, const char *method, const struct path *,
	      json_t *body, struct answer *ret);

/* cmd_finish: ends what cmd_send began: prints the JSON or the problem, frees
 * the answer, returns the exit code. */
int cmd_finish(struct cmd *, struct answer *);
/* cmd_json: the daemon's JSON, by page_json. */
void cmd_json(struct cmd *, const struct answer *);

/* cmd_usage: says what was wrong and how the verb is used; EXIT_USAGE. */
int cmd_usage(const struct cmd *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The words after the verb. */
int cmd_count(const struct cmd *);
const char *cmd_word(const struct cmd *, int i); /* NULL past the end */
const char *cmd_option(const struct cmd *, enum args_option);

/* cmd_text: a text for the JSON; NULL (and a sentence) where it is no UTF-8. */
bool cmd_is_text(const char *what, const char *);
/* cmd_add_option: the option as a text member; false: said, not UTF-8. */
bool cmd_add_option(const struct cmd *, json_t *body, const char *name,
		    enum args_option);

#endif
