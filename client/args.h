/* args.h -- the words and options of one command line.  Options may stand
 * anywhere; after "--" all is words. */
#ifndef RB_CLIENT_ARGS_H
#define RB_CLIENT_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION(name, text, letter, value, meaning) OPT_##name,
enum args_option {
#include "client/options.def"
	OPT_COUNT
};
#undef OPTION
#define OPT(name) (UINT64_C(1) << OPT_##name)
/* what every verb takes */
#define OPTS_ALWAYS                                                         \
	(OPT(JSON) | OPT(SOCKET) | OPT(URL) | OPT(TOKEN_FILE) | OPT(HELP) | \
	 OPT(VERSION))

struct args {
	const char
	    *option[OPT_COUNT]; /* NULL, or the value ("" if it has none) */
	char **word;            /* borrowed from argv, verb included */
	int count;
};

/* args_read: sorts argv[1..]; 0, or -1 with a sentence. */
int args_read(struct args *, int argc, char **argv, char *why, size_t size);

/* args_refused: the long name of the first option given that is not in the
 * set, or NULL. */
const char *args_refused(const struct args *, uint64_t allowed);
/* args_list: "--queue QUEUE, --all" for the options of the set. */
void args_list(char *buf, size_t size, uint64_t set);

/* args_describe: one option of the set, counted from 0: "-m, --message TEXT"
 * and what it means.  False past the end. */
bool args_describe(uint64_t set, int which, char *buf, size_t size,
		   const char **ret_meaning);

/* args_is_item: the word is meant as an item: 4821, #4821, a UUID, "held". */
bool args_is_item(const char *);
/* args_item: the item's id as the daemon knows it ("4821"), borrowed. */
const char *args_item(const char *);
/* args_join: the words from that one on, with blanks between.  free() it. */
char *args_join(const struct args *, int from);

#endif
