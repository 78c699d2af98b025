#include "daemon/base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
fault_set(struct fault *fault, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(fault->text, sizeof fault->text, fmt, ap);
	va_end(ap);
	n = strlen(fault->text);
	if (n + 1 < sizeof fault->text)
		return;
	/* Cut: drop the bytes of a character that no longer ends. */
	while (n > 0 && ((unsigned char)fault->text[n - 1] & 0xc0) == 0x80)
		n--;
	if (n > 0 && (unsigned char)fault->text[n - 1] >= 0xc0)
		n--;
	fault->text[n] = '\0';
}
