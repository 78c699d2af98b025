#include "tests/unit/tempfile.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char path[256];

void
tempfile_open(void)
{
	(void)snprintf(folder, sizeof folder, "/tmp/ringback-test-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
}

void
tempfile_close(void)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	cr_assert_not_null(d);
	for (e = readdir(d); e != NULL; e = readdir(d))
		(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	cr_assert_eq(rmdir(folder), 0);
}

const char *
tempfile_write(const char *name, const char *data, size_t len)
{
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "we");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(data, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
	return path;
}

const char *
tempfile_text(const char *name, const char *text)
{
	return tempfile_write(name, text, strlen(text));
}

const char *
tempfile_folder(void)
{
	return folder;
}
