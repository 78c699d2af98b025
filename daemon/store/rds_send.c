#include "daemon/store/rds_send.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "daemon/store/rds.h"

int
rds_send(struct bufferevent *link, const struct rds_command *command,
    size_t *ret_len)
{
	char *bytes = NULL;
	/* hiredis wants const char **, and changes nothing. */
	const char **argv = (const char **)(uintptr_t)command->argv;
	int n, rc;

	n = redisFormatCommandArgv(&bytes, command->argc, argv, command->len);
	if (n < 0)
		return -1;
	rc = bufferevent_write(link, bytes, (size_t)n);
	redisFreeCommand(bytes);
	*ret_len = (size_t)n;
	return rc;
}

void
rds_arm(struct event *timer, int64_t ms)
{
	struct timeval tv;

	ms = ms < 0 ? 0 : ms;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	(void)event_add(timer, &tv);
}
