/* main.c -- ringbackd: arguments, --check, and the server until it is told to
 * stop. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "daemon/base/clock.h"
#include "daemon/base/fault.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/links.h"
#include "daemon/listen.h"
#include "daemon/policy/calendar.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/read.h"
#include "daemon/policy/sentences.h"
#include "daemon/policy/warnings.h"
#include "daemon/resend.h"
#include "daemon/server.h"
#include "daemon/sources/feeds.h"
#include "daemon/store/journal_folder.h"

#define DEFAULT_FILE "/etc/ringback/ringback.conf"

static const char usage[] =
    "Usage: ringbackd [-d] [-f FILE] [--check | --replay FOLDER]\n"
    "  -f, --file FILE   the configuration (" DEFAULT_FILE ")\n"
    "      --check       say what it understood, and stop\n"
    "      --replay FOLDER  send the events of this journal to Redis, and "
    "stop\n"
    "  -d, --debug       log more\n"
    "      --version\n"
    "See ringbackd(8) and ringback.conf(5).\n";

struct arguments {
	const char *file;
	const char *replay; /* a folder; NULL: serve */
	bool check;
	enum log_level level;
};

/* Returns -1 to go on, or the exit status. */
static int
read_arguments(struct arguments *ret, int argc, char **argv)
{
	enum { CHECK = 256, REPLAY, VERSION, HELP };
	static const struct option options[] = {
		{ "file", required_argument, NULL, 'f' },
		{ "check", no_argument, NULL, CHECK },
		{ "replay", required_argument, NULL, REPLAY },
		{ "debug", no_argument, NULL, 'd' },
		{ "version", no_argument, NULL, VERSION },
		{ "help", no_argument, NULL, HELP },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "f:d", options, NULL)) != -1) {
		switch (c) {
		case 'f': ret->file = optarg; break;
		case 'd': ret->level = LOG_LEVEL_DEBUG; break;
		case CHECK: ret->check = true; break;
		case REPLAY: ret->replay = optarg; break;
		case VERSION:
			(void)puts("ringbackd " RINGBACK_VERSION);
			return EX_OK;
		case HELP: (void)fputs(usage, stdout); return EX_OK;
		default: (void)fputs(usage, stderr); return EX_USAGE;
		}
	}
	if (optind < argc) {
		(void)fputs(usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

static int
check(const struct policy *policy, const char *warning)
{
	struct fault fault = { "" };
	char *sentences = policy_sentences(policy);
	char *warnings = policy_warnings(policy, clock_wall_ms());

	/* It may be somebody else's file that is checked. */
	text_clean(sentences, true);
	text_clean(warnings, true);
	(void)fputs(sentences, stdout);
	(void)fputs(warnings, stdout);
	if (*policy->journal != '\0' &&
	    journal_folder_check(policy->journal, &fault) < 0)
		(void)printf("Warning: %s\n", fault.text);
	if (warning != NULL)
		(void)printf("Warning: %s\n", warning);
	free(sentences);
	free(warnings);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

/* Beside connections: Redis, the journal, names, programs of alerts. */
#define OTHER_FILES 64

/* The promised connections need a file each. */
static void
raise_file_limit(const struct policy *p)
{
	uint64_t listeners = 1U + (*p->http != '\0') + (*p->https != '\0');
	uint64_t need = listeners * (uint64_t)p->max_connections + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < need)
		log_warn("main",
		    "max_connections needs %" PRIu64 " open files, the limit "
		    "is %" PRIu64 ": raise LimitNOFILE, or lower "
		    "max_connections.",
		    need, (uint64_t)limit.rlim_cur);
}

/* Tokens, keys and customers are in this memory: no core dump shows it, and no
 * other process of this user may look into it (prctl(2), ptrace(2)). */
static void
hide_memory(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	struct arguments args = { .file = DEFAULT_FILE,
		.level = LOG_LEVEL_INFO };
	struct fault fault = { "" };
	struct policy *policy = NULL;
	struct server *server;
	char *warning = NULL;
	int status = read_arguments(&args, argc, argv);

	if (status >= 0)
		return status;
	log_open(args.level);
	if (calendar_init(&fault) < 0 ||
	    policy_read(&policy, args.file, &fault) < 0 ||
	    listen_check(policy, &warning, &fault) < 0 ||
	    feeds_check(policy, &fault) < 0 ||
	    (args.check && links_check(policy, &fault) < 0)) {
		(void)fprintf(stderr, "ringbackd: %s\n", fault.text);
		policy_free(policy);
		return EX_CONFIG;
	}
	if (args.check) {
		status = check(policy, warning);
		free(warning);
		policy_free(policy);
		return status;
	}
	free(warning); /* the server says it again, in its log */
	if (args.replay != NULL) {
		status = resend_run(policy, args.replay);
		policy_free(policy);
		return status;
	}
	raise_file_limit(policy);
	hide_memory();
	server = server_new(policy, args.file, &fault);
	if (server == NULL) {
		log_error("main", "%s", fault.text);
		return EX_UNAVAILABLE;
	}
	server_run(server);
	server_free(server);
	return EX_OK;
}
