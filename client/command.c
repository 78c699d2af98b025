#include "client/command.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/add.h"
#include "client/customers.h"
#include "client/hold.h"
#include "client/list.h"
#include "client/look.h"
#include "client/problem.h"
#include "client/ring.h"
#include "client/sources.h"
#include "client/staff.h"
#include "client/watch.h"
#include "client/work.h"

struct verb {
	const char *name; /* "": without a verb */
	const char *usage;
	const char *help;
	verb_run *run;
	uint64_t options; /* beside those that all take */
};

#define OUTCOME_OPTIONS \
	(OPT(MESSAGE) | OPT(NEXT) | OPT(CAUSE) | OPT(CORRECTION))
#define LIST_OPTIONS                                                   \
	(OPT(ALL) | OPT(QUEUE) | OPT(TIER) | OPT(STATE) | OPT(AGENT) | \
	 OPT(SINCE) | OPT(CUSTOMER))
#define ADD_OPTIONS                                                          \
	(OPT(TEXT) | OPT(MESSAGE) | OPT(QUEUE) | OPT(NAME) | OPT(SEVERITY) | \
	 OPT(CATEGORY) | OPT(LINK) | OPT(LANGUAGE) | OPT(CUSTOMER) | OPT(AT))

static verb_run help;

/* clang-format off */
static const struct verb verbs[] = {
	{ "", "", "who you are, what you hold, your queues", look_status, 0 },
	{ "work", "", "a day of calls on one screen", work_run, 0 },
	{ "next", "[-w]", "hold the next one; -w waits for it", hold_next, OPT(WAIT) },
	{ "take", "ID|NUMBER", "hold a given one", hold_take, 0 },
	{ "call", "[ID] [--phone NUMBER]", "ring your phone, then the customer",
	  ring_run, OPT(PHONE) | OPT(SOURCE) },
	{ "done", "[ID] [CODE] [-m NOTE]", "record what came of it", hold_done,
	  OUTCOME_OPTIONS | OPT(ACCEPTED) },
	{ "later", "[ID] WHEN", "ring again at a time", hold_later,
	  OUTCOME_OPTIONS | OPT(ANYONE) },
	{ "note", "[ID] TEXT", "keep a note with it", hold_note, 0 },
	{ "move", "[ID] TO [-m NOTE]", "to a queue, an agent, or up", hold_move, OPT(MESSAGE) },
	{ "release", "[ID] [-m WHY]", "give it back", hold_release, OPT(MESSAGE) },
	{ "undo", "[ID]", "take the last act back", hold_undo, 0 },
	{ "show", "[ID]", "all that is known of it", look_show, 0 },
	{ "list", "", "what waits, in order", list_items, LIST_OPTIONS },
	{ "queues", "", "how the queues stand", look_queues, 0 },
	{ "sources", "", "are the telephone systems heard", sources_run, 0 },
	{ "watch", "[--all]", "what goes wrong, as it happens", watch_run, OPT(ALL) },
	{ "explain", "[ID]", "why it stands where it stands", look_explain, 0 },
	{ "add", "call|complaint|feedback NUMBER", "take somebody in", add_event,
	  ADD_OPTIONS },
	{ "agents", "[add|remove QUEUE NAME...|phone [NAME] NUMBER]",
	  "who serves which queue, by which phone",
	  staff_agents, OPT(FACTOR) },
	{ "customers", "find|show|set|delete|import|export|forget ...",
	  "the directory, by number or id", customers_run, OPT(OUTPUT) | OPT(YES) },
	{ "tokens", "create|revoke NAME [--role ROLE]",
	  "what other machines log in by", staff_tokens, OPT(ROLE) },
	{ "pause", "", "hand me nothing for a while", staff_pause, 0 },
	{ "resume", "", "hand me something again", staff_resume, 0 },
	{ "help", "[VERB]", "this list, or more of one verb", help, 0 },
};
/* clang-format on */

#define VERBS (sizeof verbs / sizeof verbs[0])

static const struct verb *
find_verb(const char *name)
{
	size_t i;

	for (i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static int
unknown_verb(const char *name)
{
	char list[512] = "";
	size_t i, len = 0;

	for (i = 1; i < VERBS; i++) {
		snprintf(list + len, sizeof list - len, " %s", verbs[i].name);
		len = strlen(list);
	}
	problem_say("there is no verb '%s'; there are:%s", name, list);
	return EXIT_USAGE;
}

/* Beside its options, what a verb's words may be. */
static const struct {
	const char *verb;
	const char *text;
} forms[] = {
	{ "done", "CODE: done reached no-answer busy voicemail left-message "
		  "wrong-number bad-number other-person declined "
		  "never-call, and your site's own; without one: done." },
	{ "later", "WHEN, on the customer's clock: tomorrow 10, wed 14:30, "
		   "25 nov 10:00, 2026-11-25 10:00, 10:30 or 2:30pm (the next "
		   "one), in 20m, +2h." },
	{ "note", "A note that is a number: note held 4711." },
	{ "take", "ID|NUMBER: an item such as 4821 or #4821, or a telephone "
		  "number such as 030 901820." },
	{ "move", "TO: a queue, an agent, or up: to the next group of the "
		  "queue's ladder." },
	{ "call", "Exits 0 where somebody answered. While it rings Ctrl-C "
		  "hangs up; while you talk it only ends the command. Nothing "
		  "is recorded by itself: ringback done is." },
	{ "add", "--at TIME, on this machine's clock: 14:30 (the next one), "
		 "tomorrow 10, wed 14:30, 25 nov 10:00, 2026-11-25 10:00, in "
		 "20m. What a feedback says stands behind --text." },
	{ "customers",
	  "find NUMBER|ID; show ID; set ID FIELD=VALUE ...; delete ID; import "
	  "FILE (CSV, - is standard input); export ID|NUMBER [-o FILE]: all "
	  "that is known of a person; forget ID|NUMBER: removes it all. "
	  "Fields: id name phones value tier "
	  "language timezone agent never_call shared prefers." },
	{ "agents", "add QUEUE NAME ..., remove QUEUE NAME ..., or none: the "
		    "list; phone [NAME] NUMBER: the telephone that call rings "
		    "first, yours without a NAME (none: takes it away)." },
	{ "tokens", "create NAME --role ROLE, revoke NAME, or none: the "
		    "list." },
};

static void
help_options(struct page *p, uint64_t set)
{
	const char *meaning;
	char text[64];
	int i;

	for (i = 0; args_describe(set, i, text, sizeof text, &meaning); i++) {
		page_at(p, 2);
		page_put(p, PAGE_PLAIN, "%s", text);
		page_at(p, 28);
		page_put(p, PAGE_PLAIN, "%s", meaning);
		page_end(p);
	}
}

static void
help_verb(struct page *p, const struct verb *v)
{
	size_t i;

	page_say(p, "ringback %s%s%s: %s", v->name,
		 *v->usage != '\0' ? " " : "", v->usage, v->help);
	for (i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (strcmp(forms[i].verb, v->name) == 0)
			page_say(p, "  %s", forms[i].text);
	help_options(p, v->options | OPT(JSON));
	page_say(p, "  more: man ringback");
}

static int
help(struct cmd *c)
{
	const char *word = cmd_word(c, 0);
	char usage[128];
	size_t i;

	if (word != NULL) {
		const struct verb *v = find_verb(word);

		if (v == NULL)
			return unknown_verb(word);
		help_verb(c->page, v);
		return EXIT_DONE;
	}
	page_say(c->page,
		 "ringback alone says %s.  ringback VERB:", verbs[0].help);
	for (i = 1; i < VERBS; i++) {
		snprintf(usage, sizeof usage, "%s %s", verbs[i].name,
			 verbs[i].usage);
		page_at(c->page, 1);
		page_put(c->page, PAGE_PLAIN, "%s", usage);
		page_at(c->page, 44);
		page_put(c->page, PAGE_PLAIN, "%s", verbs[i].help);
		page_end(c->page);
	}
	page_end(c->page);
	page_say(c->page,
		 "Without an ID a verb means what you hold. CODE: done "
		 "reached no-answer busy voicemail left-message "
		 "wrong-number bad-number other-person declined "
		 "never-call, and your site's own. --json: as the daemon "
		 "said it. More: man ringback");
	return EXIT_DONE;
}

/* Descriptors 0 to 2 must be somebody, or a socket would become standard
 * output.  False where standard output was closed. */
static bool
keep_standard_files(void)
{
	bool out = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return out;
}

/* What was not written was not said.  A reader that went away knows it. */
static int
finish_output(int code)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fflush(stdout) == 0 && !failed)
		return code;
	if (errno != EPIPE && errno != 0)
		problem_say("the output cannot be written: %s",
			    strerror(errno));
	return code == EXIT_DONE || code == EXIT_NOTHING ? EXIT_REFUSED : code;
}

static int
run_verb(const struct verb *v, const struct args *args, struct page *page)
{
	struct cmd c = { .args = args,
			 .page = page,
			 .usage = v->usage,
			 .json = args->option[OPT_JSON] != NULL };
	struct ask_where where = { .socket = args->option[OPT_SOCKET],
				   .url = args->option[OPT_URL],
				   .token_file = args->option[OPT_TOKEN_FILE] };
	const char *refused = args_refused(args, v->options | OPTS_ALWAYS);
	char why[1024], list[1024];
	int code;

	if (args->option[OPT_HELP] != NULL && *v->name != '\0') {
		help_verb(page, v);
		return EXIT_DONE;
	}
	if (refused != NULL) {
		args_list(list, sizeof list, v->options | OPT(JSON));
		problem_say("'ringback %s' has no option --%s; it has: %s",
			    v->name, refused, list);
		return EXIT_USAGE;
	}
	if (v->run == help || args->option[OPT_HELP] != NULL)
		return help(&c);
	if (ask_open(&c.ask, &where, why, sizeof why) < 0) {
		problem_say("%s", why);
		return EXIT_REFUSED;
	}
	code = v->run(&c);
	ask_close(c.ask);
	return code;
}

int
command_run(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct verb *v;
	struct args args;
	struct page page;
	char why[512];
	int code;

	if (!keep_standard_files()) {
		fputs("ringback: standard output is closed; nothing was done\n",
		      stderr);
		return EXIT_REFUSED;
	}
	sigaction(SIGPIPE, &ignore, NULL);
	setlocale(LC_CTYPE, "");
	page_init(&page, stdout, STDOUT_FILENO);
	if (args_read(&args, argc, argv, why, sizeof why) < 0) {
		problem_say("%s; see: ringback help", why);
		return EXIT_USAGE;
	}
	if (args.option[OPT_VERSION] != NULL) {
		puts("ringback " RINGBACK_VERSION);
		return finish_output(EXIT_DONE);
	}
	v = find_verb(args.count > 0 ? args.word[0] : "");
	code =
	    v != NULL ? run_verb(v, &args, &page) : unknown_verb(args.word[0]);
	return finish_output(code);
}
