/* Bytes from the daemon's log, and bytes from the keyboard. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/keys.h"
#include "client/sse.h"

struct seen {
	char text[4096];
	int count;
};

static void
see(void *cookie, const char *id, const char *event, const char *data)
{
	struct seen *s = cookie;
	size_t len = strlen(s->text);

	s->count++;
	if (strlen(data) < 200)
		snprintf(s->text + len, sizeof s->text - len, "[%s|%s|%s]", id,
			 event, data);
}

static void
feed(struct sse *s, const char *text, struct seen *seen)
{
	sse_feed(s, text, strlen(text), see, seen);
}

Test(stream, an_event_is_whole_at_its_blank_line)
{
	struct sse s = { 0 };
	struct seen seen = { 0 };

	feed(&s, "id: 1-0\nevent: alert\ndata: {\"a\":1}\n", &seen);
	cr_expect_eq(seen.count, 0);
	feed(&s, "\n", &seen);
	cr_expect_str_eq(seen.text, "[1-0|alert|{\"a\":1}]");
	sse_done(&s);
}

Test(stream, lines_end_with_cr_lf_or_both_however_they_are_cut)
{
	static const char text[] = "id:1\r\nevent:x\rdata:a\r\ndata: b\n\r\n";
	struct sse s = { 0 };
	struct seen seen = { 0 };
	size_t i;

	for (i = 0; i + 1 < sizeof text; i++)
		sse_feed(&s, text + i, 1, see, &seen);
	cr_expect_str_eq(seen.text, "[1|x|a\nb]");
	sse_done(&s);
}

Test(stream, comments_and_unknown_fields_are_passed_over)
{
	struct sse s = { 0 };
	struct seen seen = { 0 };

	feed(&s, ": still here\n\n:\nretry: 5\nfoo\ndata\n\n", &seen);
	cr_expect_eq(seen.count, 0);
	feed(&s, "event: reset\n\n", &seen);
	cr_expect_str_eq(seen.text, "[|reset|]");
	sse_done(&s);
}

Test(stream, the_last_id_stays_over_a_restart)
{
	struct sse s = { 0 };
	struct seen seen = { 0 };

	feed(&s, "id: 5-1\ndata: x\n\nid: 6-1\ndata: half", &seen);
	cr_expect_str_eq(s.id, "6-1");
	sse_restart(&s);
	feed(&s, "data: y\n\n", &seen);
	cr_expect_str_eq(seen.text, "[5-1|message|x][6-1|message|y]");
	sse_done(&s);
}

Test(stream, what_is_endless_is_dropped_not_collected)
{
	struct sse s = { 0 };
	struct seen seen = { 0 };
	char chunk[1000];
	int i;

	memset(chunk, 'x', sizeof chunk);
	feed(&s, "data: ", &seen);
	for (i = 0; i < 2000; i++)
		sse_feed(&s, chunk, sizeof chunk, see, &seen);
	cr_expect_leq(s.line.size, 300000);
	feed(&s, "\n\ndata: next\n\n", &seen);
	cr_expect_str_eq(seen.text, "[|message|next]");
	for (i = 0; i < 3000; i++)
		feed(&s,
		     "data: 0123456789012345678901234567890123456789"
		     "0123456789012345678901234567890123456789"
		     "0123456789012345678901234567890123456789\n",
		     &seen);
	cr_expect_leq(s.data.size, 1200000);
	feed(&s, "\ndata: last\n\n", &seen);
	cr_expect_str_eq(seen.text, "[|message|next][|message|last]");
	sse_done(&s);
}

static struct key
decode(const char *bytes, size_t *ret_used)
{
	struct key k;

	*ret_used =
	    keys_decode(&k, (const unsigned char *)bytes, strlen(bytes));
	return k;
}

Test(stream, keys_are_told_apart)
{
	size_t used;

	cr_expect_eq(decode("\r", &used).code, KEY_ENTER);
	cr_expect_eq(decode("\033", &used).code, KEY_ESC);
	cr_expect_eq(decode("\x7f", &used).code, KEY_BACK);
	cr_expect_eq(decode("\x03", &used).code, KEY_STOP);
	cr_expect_eq(decode("\x01", &used).code, KEY_NONE);
	cr_expect_str_eq(decode("\xc3\xb6x", &used).text, "\xc3\xb6");
	cr_expect_eq(used, 2);
	cr_expect_eq(decode("\xc3", &used).code, KEY_NONE);
	cr_expect_eq(used, 1);
}

Test(stream, an_arrow_is_no_escape_and_types_nothing)
{
	size_t used;

	cr_expect_eq(decode("\033[A", &used).code, KEY_NONE);
	cr_expect_eq(used, 3);
	cr_expect_eq(decode("\033[1;5Dd", &used).code, KEY_NONE);
	cr_expect_eq(used, 6);
	cr_expect_eq(decode("\033OPd", &used).code, KEY_NONE);
	cr_expect_eq(used, 3);
}

Test(stream, a_typed_line_is_bounded_and_erased_by_letters)
{
	struct typed t = { 0 };
	struct key k = { .code = KEY_TEXT, .text = "\xc3\xb6" };
	int i;

	for (i = 0; i < 2000; i++)
		typed_key(&t, &k);
	cr_expect_lt(strlen(t.text), sizeof t.text);
	cr_expect_eq(strlen(t.text) % 2, 0);
	k.code = KEY_CLEAR;
	typed_key(&t, &k);
	k.code = KEY_TEXT;
	typed_key(&t, &k);
	k.code = KEY_BACK;
	typed_key(&t, &k);
	typed_key(&t, &k);
	cr_expect_str_eq(t.text, "");
}
