#include "daemon/base/fault.h"

#include "daemon/base/text.h"

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
	/* Cut: drop the bytes of a character that no longer ends. */
	if (n + 1 == sizeof fault->text) {
		while (n > 0 &&
		    ((unsigned char)fault->text[n - 1] & 0xc0) == 0x80)
			n--;
		if (n > 0 && (unsigned char)fault->text[n - 1] >= 0xc0)
			n--;
		fault->text[n] = '\0';
	}
	/* It may have in it what stands in a file, or what a peer said. */
	text_clean(fault->text, true);
}
