/* clock_shift.c -- preloaded into a program, lets its wall clock be wrong: by
 * CLOCK_SHIFT_S seconds.  The monotonic one stays right, as it does where a
 * machine's time is set wrong. */
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* The names that are wrapped stand in headers, marked as never NULL and so on;
 * only their types matter here. */
typedef int get_clock(clockid_t, struct timespec *);
typedef int get_day(struct timeval *, void *);

static time_t
shift(void)
{
	const char *text = getenv("CLOCK_SHIFT_S");

	return text != NULL ? (time_t)strtoll(text, NULL, 10) : 0;
}

int
clock_gettime(clockid_t clock, struct timespec *ret)
{
	get_clock *real = (get_clock *)dlsym(RTLD_NEXT, "clock_gettime");
	int rc = real(clock, ret);

	if (rc == 0 &&
	    (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ret->tv_sec += shift();
	return rc;
}

int
gettimeofday(struct timeval *ret, void *zone)
{
	get_day *real = (get_day *)dlsym(RTLD_NEXT, "gettimeofday");
	int rc = real(ret, zone);

	if (rc == 0)
		ret->tv_sec += shift();
	return rc;
}
