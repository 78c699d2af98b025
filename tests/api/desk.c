#include "tests/api/desk.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/loop.h"

static void
write_secret(struct desk *d)
{
	int fd;

	(void)snprintf(d->secret, sizeof d->secret,
		       "/tmp/ringback-secret-XXXXXX");
	fd = mkstemp(d->secret);
	cr_assert(fd >= 0 && write(fd, "s3cret\n", 7) == 7);
	(void)close(fd);
}

static struct desk *
desk_new(const char *more, int daemons, const char *head)
{
	struct desk *d = calloc(1, sizeof *d);
	char extra[1000];

	cr_assert_not_null(d);
	d->base = event_base_new();
	d->pbx = pbx_start(d->base);
	write_secret(d);
	(void)snprintf(
	    extra, sizeof extra,
	    "source \"tel\" { type = \"asterisk\" address = \"%s\" user = "
	    "\"ringback\" secret_file = \"%s\" %s }\n",
	    pbx_address(d->pbx), d->secret, more);
	d->h = house_new_with(&(struct house_options){
	    .daemons = daemons, .head = head, .extra = extra });
	return d;
}

struct desk *
desk_with(const char *more)
{
	return desk_new(more, 1, NULL);
}

struct desk *
desk_at_work(void)
{
	return desk_at_work_with(1, NULL);
}

struct desk *
desk_at_work_with(int daemons, const char *head)
{
	struct desk *d = desk_new("dial_agent = \"PJSIP/{phone}\" "
				  "dial_customer = \"{number}@from-internal\"",
				  daemons, head);

	cr_assert(pbx_came(d->pbx, daemons, SOON));
	cr_assert(pbx_ami_login(d->pbx, SOON));
	cr_assert_eq(house_event(d->h, ANN), 1001);
	(void)house_do(d->h, "anna", "PUT", "/v1/agents/anna/phone",
		       "{\"phone\":\"201\"}");
	cr_assert_eq(house_do(d->h, "anna", "POST", "/v1/next", "{}")->status,
		     200);
	return d;
}

void
desk_free(struct desk *d)
{
	house_free(d->h);
	pbx_stop(d->pbx);
	event_base_free(d->base);
	(void)unlink(d->secret);
	free(d);
}

void
desk_says(struct desk *d, const char *text)
{
	char out[8000];
	size_t n = 0;

	for (; *text != '\0' && n < sizeof out - 64; text++) {
		if (*text == '$')
			n += (size_t)snprintf(out + n, 60, "rb-%s", d->call);
		else if (*text == '\n')
			n += (size_t)snprintf(out + n, 3, "\r\n");
		else
			out[n++] = *text;
	}
	out[n] = '\0';
	pbx_say(d->pbx, out);
	cr_assert(pbx_flush(d->pbx, SOON));
}

/* The link is closed by the loop, not by what drops it. */
void
desk_away(struct desk *d)
{
	pbx_drop(d->pbx);
	loop_for(d->base, 20);
}

const struct said *
desk_post(struct desk *d, const char *body)
{
	const struct said *a =
	    house_do(d->h, "anna", "POST", "/v1/items/held/call", body);

	if (a->status == 202)
		(void)snprintf(d->call, sizeof d->call, "%s",
			       said_text(a, "call"));
	return a;
}

void
desk_order(struct desk *d)
{
	cr_assert_eq(desk_post(d, "{}")->status, 202);
	cr_assert(pbx_asked(d->pbx, "Action: Originate", SOON));
	pbx_ami_answer(d->pbx, "Success",
		       "Message: Originate successfully queued\r\n");
}

const struct said *
desk_follow(struct desk *d, const char *who, const char *query)
{
	return house_get(d->h, who,
			 house_print(d->h, "/v1/calls/%s%s", d->call, query));
}

const struct said *
desk_after(struct desk *d, const char *state)
{
	return desk_follow(d, "anna",
			   house_print(d->h, "?after=%s&wait_s=60", state));
}
