#include "tests/harness/clock_shift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Beside the test's own program: build/plain/clock_shift.so. */
static void
find_library(char path[4096])
{
	ssize_t n = readlink("/proc/self/exe", path, 4000);

	if (n < 0)
		_exit(126);
	path[n] = '\0';
	(void)snprintf(strrchr(path, '/'), 32, "/clock_shift.so");
	if (access(path, R_OK) != 0)
		_exit(126);
}

void
clock_shift(int seconds)
{
	const char *asan = getenv("ASAN_OPTIONS");
	char path[4096], number[16], options[512];

	if (seconds == 0)
		return;
	find_library(path);
	(void)snprintf(number, sizeof number, "%d", seconds);
	/* The sanitizer wants to be the first library; it need not be. */
	(void)snprintf(options, sizeof options, "%s:verify_asan_link_order=0",
		       asan != NULL ? asan : "");
	if (setenv("LD_PRELOAD", path, 1) != 0 ||
	    setenv("CLOCK_SHIFT_S", number, 1) != 0 ||
	    setenv("ASAN_OPTIONS", options, 1) != 0)
		_exit(126);
}
