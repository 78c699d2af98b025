#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST 64

static struct {
	const char *name;
	fuzz_run *run;
} targets[MOST];
static size_t count;

void
fuzz_add(const char *name, fuzz_run *run)
{
	if (count == MOST)
		abort();
	targets[count].name = name;
	targets[count++].run = run;
}

size_t
fuzz_count(void)
{
	return count;
}

const char *
fuzz_name(size_t i)
{
	return targets[i].name;
}

fuzz_run *
fuzz_find(const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(targets[i].name, name) == 0)
			return targets[i].run;
	}
	return NULL;
}

char *
fuzz_text(const uint8_t *data, size_t len)
{
	char *s = malloc(len + 1);

	if (s == NULL)
		abort();
	if (len > 0)
		memcpy(s, data, len);
	s[len] = '\0';
	return s;
}

char *
fuzz_cut(const uint8_t **data, size_t *len)
{
	const uint8_t *from = *data, *nul;
	size_t n = *len;

	nul = n > 0 ? memchr(from, '\0', n) : NULL;
	if (nul != NULL)
		n = (size_t)(nul - from);
	*data += n + (nul != NULL);
	*len -= n + (nul != NULL);
	return fuzz_text(from, n);
}

unsigned
fuzz_byte(const uint8_t **data, size_t *len)
{
	if (*len == 0)
		return 0;
	(*len)--;
	return *(*data)++;
}

/* Two files by turns: who remembers one by its inode sees another. */
const char *
fuzz_file(const uint8_t *data, size_t len)
{
	static int fds[2] = { -1, -1 };
	static char path[64];
	static unsigned turn;
	int *fd = &fds[turn++ % 2];

	if (*fd < 0)
		*fd = memfd_create("fuzz", MFD_CLOEXEC);
	/* Some files must be their owner's alone. */
	if (*fd < 0 || fchmod(*fd, 0600) < 0 || ftruncate(*fd, 0) < 0 ||
	    pwrite(*fd, data, len, 0) != (ssize_t)len)
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", *fd);
	return path;
}

void
fuzz_broken(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

/* U+202A to U+202E and U+2066 to U+2069. */
static bool
turns_text(const unsigned char *s, size_t len)
{
	return len >= 3 && s[0] == 0xe2 &&
	       ((s[1] == 0x80 && s[2] >= 0xaa && s[2] <= 0xae) ||
		(s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9));
}

bool
fuzz_clean(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; i < len; i++) {
		bool c1 = s[i] == 0xc2 && i + 1 < len && s[i + 1] >= 0x80 &&
			  s[i + 1] < 0xa0;

		if ((s[i] < 0x20 && s[i] != '\n') || s[i] == 0x7f || c1 ||
		    turns_text(s + i, len - i))
			return false;
	}
	return true;
}
