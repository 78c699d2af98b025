#include "tests/client/expect.h"

#include <stdlib.h>

void
plain_surroundings(void)
{
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("TERM", "xterm", 1);
	unsetenv("COLUMNS");
	unsetenv("NO_COLOR");
	unsetenv("RINGBACK_URL");
	unsetenv("RINGBACK_TOKEN_FILE");
}
