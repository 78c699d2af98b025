/* The command, with a daemon that answers anything: every verb's screens. */
#include <stdlib.h>
#include <string.h>

#include "client/token.h"
#include "client/work.h"
#include "tests/fuzz/client/daemon.h"
#include "tests/fuzz/fuzz.h"

/* clang-format off */
static const char *const lines[][8] = {
	{ "ringback" },
	{ "ringback", "next" },
	{ "ringback", "take", "4821" },
	{ "ringback", "done", "no-answer", "-m", "nobody there" },
	{ "ringback", "done", "-n" },
	{ "ringback", "later", "tomorrow 10" },
	{ "ringback", "note", "4821", "text" },
	{ "ringback", "move", "4821", "up" },
	{ "ringback", "release" },
	{ "ringback", "undo" },
	{ "ringback", "show", "4821" },
	{ "ringback", "list" },
	{ "ringback", "list", "--all" },
	{ "ringback", "queues" },
	{ "ringback", "explain", "4821" },
	{ "ringback", "add", "call", "+4930901820" },
	{ "ringback", "agents" },
	{ "ringback", "agents", "add", "sales", "anna" },
	{ "ringback", "customers", "find", "030901820" },
	{ "ringback", "customers", "show", "c1" },
	{ "ringback", "customers", "set", "c1", "name=Maria" },
	{ "ringback", "tokens" },
	{ "ringback", "tokens", "create", "pbx", "--role", "push" },
	{ "ringback", "pause" },
	{ "ringback", "list", "--json" },
	{ "ringback", "watch" },
	{ "ringback", "watch", "--all" },
	{ "ringback", "watch", "--json" },
	{ "ringback", "sources" },
	{ "ringback", "agents", "phone" },
	{ "ringback", "call", "--phone", "1001" },
};
/* clang-format on */
#define MOST_KEYS 40
#define LINES (sizeof lines / sizeof *lines)

/* A byte for the verb ('A' is the first), then the answers. */
FUZZ(client_command)
{
	unsigned which = (fuzz_byte(&data, &len) - 'A') & 0xff;

	daemon_answers(data, len);
	daemon_command(lines[which % LINES]);
}

FUZZ(client_csv)
{
	const char *const argv[] = { "ringback", "customers", "import",
				     fuzz_file(data, len), NULL };

	daemon_takes_lines();
	daemon_command(argv);
}

FUZZ(client_token)
{
	char why[1024] = "", *header = NULL;
	const char *path = fuzz_file(data, len);

	if (token_read(&header, path, why, sizeof why) < 0)
		fuzz_must(header == NULL && why[0] != '\0');
	else /* no way to a second header */
		fuzz_must(strpbrk(header, "\r\n") == NULL);
	token_free(header);
}

/* The screen of a day's work: a byte for what was done, then who I am, what I
 * hold, why I hold nothing, what an act answered, what is typed. */
static json_t *
cut_object(const uint8_t **data, size_t *len)
{
	char *s = fuzz_cut(data, len);
	json_t *j = json_loads(s, 0, NULL);

	free(s);
	if (j != NULL && !json_is_object(j)) {
		json_decref(j);
		j = NULL;
	}
	return j;
}

FUZZ(client_work)
{
	enum work_act act =
	    (enum work_act)(fuzz_byte(&data, &len) % (ACT_PHONE + 1));
	struct work w = { .screen = { .dumb = true }, .changed = true };
	json_t *answer;
	struct key k;

	w.me = cut_object(&data, &len);
	w.card = cut_object(&data, &len);
	w.nothing = cut_object(&data, &len);
	answer = cut_object(&data, &len);
	daemon_answers(NULL, 0);
	daemon_catch();
	workcall_card(&w, w.card);
	workview_draw(&w);
	if (answer != NULL && w.card != NULL)
		workacts_end(&w, act, answer);
	w.changed = true;
	workview_draw(&w);
	for (int i = 0; i < MOST_KEYS && len > 0; i++) {
		size_t n = keys_decode(&k, data, len);

		fuzz_must(n > 0 && n <= len);
		data += n;
		len -= n;
		workkeys_take(&w, &k);
		workview_draw(&w);
	}
	daemon_check();
	work_drop(&w);
	json_decref(answer);
	json_decref(w.me);
	json_decref(w.nothing);
}
