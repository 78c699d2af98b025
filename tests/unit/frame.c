#include "daemon/api/frame.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct frame_limits limits = {
	.head = { .bytes = 200, .headers = 3, .target = 20 },
	.body = 10,
};
static struct denial denial;

static struct frame
feed(const char *text, size_t step)
{
	struct frame f;
	size_t len = strlen(text);

	frame_reset(&f);
	denial = (struct denial){ 0 };
	for (size_t i = 0; i < len; i += step)
		frame_feed(&f, &limits, text + i,
		    len - i < step ? len - i : step, &denial);
	return f;
}

Test(frame, sees_the_same_however_the_bytes_are_cut)
{
	static const char good[] = "POST / HTTP/1.1\r\nHost: a\r\n"
				   "Transfer-Encoding: chunked\r\n\r\n"
				   "3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n";
	static const char bad[] = "GET / HTTP/1.1\r\nHost: b\rc\r\n\r\n";

	for (size_t step = 1; step < 60; step++) {
		struct frame f = feed(good, step);

		cr_assert_eq(denial.status, 0, "%s", denial.why);
		cr_assert(frame_whole(&f));
		cr_assert_eq(f.bytes, sizeof good - 1);
		cr_assert_eq(f.body, 5);
		(void)feed(bad, step);
		cr_assert_eq(denial.status, 400);
	}
}

Test(frame, ends_where_the_request_ends)
{
	struct frame f = feed("POST / HTTP/1.1\r\nHost: a\r\n"
			      "Content-Length: 2\r\n\r\nabGET",
	    1000);

	cr_assert_eq(f.at, FRAME_DONE);
	cr_assert_eq(f.bytes, 49);
	f = feed("GET / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", 1000);
	cr_assert_eq(f.at, FRAME_UNREAD);
	f = feed("DELETE / HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 1000);
	cr_assert_eq(f.at, FRAME_DONE);
}

Test(frame, the_first_fault_is_the_one_that_is_told)
{
	(void)feed("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n", 1000);
	cr_assert_eq(denial.status, 431);
	cr_assert_str_eq(
	    denial.why, "The request has more than 3 headers.");
	(void)feed("GET /2345678901234567890 HTTP/1.1\r\n", 1000);
	cr_assert_eq(denial.status, 0);
	(void)feed("GET /23456789012345678901 HTTP/1.1\r\n", 1000);
	cr_assert_eq(denial.status, 414);
	(void)feed("POST / HTTP/1.0\r\nContent-Length: 11\r\n\r\n", 1000);
	cr_assert_eq(denial.status, 413);
}
