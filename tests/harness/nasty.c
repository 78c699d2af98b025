#include "tests/harness/nasty.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
const char *const nasty[] = {
	/* terminals */
	"mark\033[31mred\033[0m", "mark\033]0;title\007", "mark\033]8;;file:///etc/passwd\033\\x",
	"mark\033[2J\033[H", "mark\033P1$tx\033\\", "mark\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x1f\x7f",
	"mark\b\b\b\b\b\b", "mark\xc2\x9b" "31mred", "mark\xc2\x9d" "0;title\xc2\x9c", "mark\xc2\x90",
	/* lines */
	"mark\nsecond line", "mark\r\nsecond line", "mark\rover it", "mark\xc2\x85next", "mark\xe2\x80\xa8next",
	"mark\xe2\x80\xa9next", "mark\n\nevent: alert\ndata: {}\n\n", "mark\rdata: {}\r\r", "mark\n<3>main: forged=1",
	/* what looks like something else */
	"mark\xe2\x80\xae" "gnp.exe", "mark\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad", "mark\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
	"mark\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "mark\xe2\x80\x8b\xe2\x80\x8c\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf\xc2\xad",
	"mark\xf3\xa0\x81\x81\xf3\xa0\x81\xbf", "mark\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
	/* heaps */
	"marka\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87\xcc\x88\xcc\x89\xcc\x8a\xcc\x8b\xcc\x8c",
	"mark\xe6\x9d\xb1\xe4\xba\xac\xe6\x9d\xb1\xe4\xba\xac",
	/* no UTF-8 */
	"mark\xff\xfe", "mark\xc3", "mark\xc0\xaf", "mark\xed\xa0\x80\xed\xb0\x80", "mark\xf4\x90\x80\x80", "mark\x80\x9b",
	"mark\xe6\x9d", "mark\xf8\x88\x80\x80\x80",
	/* other languages */
	"=cmd|'/C calc'!A0;mark", "@SUM(mark)", "+1+mark", "-2+mark", "%n%n%s%s%x mark", "${mark}", "$(mark)", "`mark`",
	"; rm -rf /; mark", "-mark", "--mark", "<script>mark</script>", "<!-- mark", "'; DROP TABLE mark; --",
	"\"mark\"", "\\mark\\", "a=mark b=\"c", "mark=", "mark\ta\tb", " mark ", "mark|note|forged", "{\"mark\":1}", "\\u001bmark",
};
/* clang-format on */
const size_t nasty_count = sizeof nasty / sizeof *nasty;

const char *
nasty_long(void)
{
	static char text[5 + 3 * 10000];

	if (*text == '\0') {
		memcpy(text, "mark", 4);
		for (size_t i = 0; i < 10000; i++)
			memcpy(text + 4 + 3 * i, "\xe6\x9d\xb1", 4);
	}
	return text;
}

/* The code point at s, and its length; 0 where it is none. */
static size_t
decode(const unsigned char *s, size_t len, uint32_t *ret)
{
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xc2 ? 0
		   : s[0] < 0xe0 ? 2
		   : s[0] < 0xf0 ? 3
		   : s[0] < 0xf5 ? 4
				 : 0;
	uint32_t c = n > 1 ? s[0] & (0xffU >> (n + 1)) : s[0];

	if (n == 0 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		return 0;
	*ret = c;
	return n;
}

static bool
is_banned(uint32_t c)
{
	return (c < 0x20 && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	       c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xe0000 && c < 0xe1000);
}

bool
nasty_is_clean(const char *s, size_t len, size_t *ret_at)
{
	for (size_t i = 0; i < len;) {
		uint32_t c = 0;
		size_t n = decode((const unsigned char *)s + i, len - i, &c);

		if (n == 0 || is_banned(c)) {
			*ret_at = i;
			return false;
		}
		i += n;
	}
	return true;
}
