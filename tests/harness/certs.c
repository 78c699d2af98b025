#include "tests/harness/certs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define NEW_KEY "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

static char *run(const char *fmt, va_list ap, int *ret_status)
    __attribute__((format(printf, 1, 0)));

static char *
run(const char *fmt, va_list ap, int *ret_status)
{
	char *line, *text = NULL;
	size_t size = 0;
	FILE *f;

	if (vasprintf(&line, fmt, ap) < 0)
		abort();
	f = popen(line, "re");
	/* Up to a NUL byte that never comes: all of it. */
	if (f == NULL || getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		text = strdup("");
	}
	*ret_status = f != NULL ? pclose(f) : -1;
	free(line);
	return text;
}

char *
certs_shell(const char *fmt, ...)
{
	char *text;
	int status;
	va_list ap;

	va_start(ap, fmt);
	text = run(fmt, ap, &status);
	va_end(ap);
	return text;
}

static void __attribute__((format(printf, 1, 2))) must(const char *fmt, ...)
{
	char *text;
	int status;
	va_list ap;

	va_start(ap, fmt);
	text = run(fmt, ap, &status);
	va_end(ap);
	if (status != 0) {
		(void)fprintf(stderr, "harness: certificates: %s\n", text);
		abort();
	}
	free(text);
}

void
certs_authority(const char *folder, const char *name)
{
	must("cd %s && openssl req -x509 " NEW_KEY
	     " -days 90 -keyout %s.key -out %s.pem -subj /CN=%s 2>&1",
	     folder, name, name, name);
}

void
certs_make(const char *folder, const char *authority, const char *name,
	   const char *alternatives)
{
	const char *option =
	    *alternatives != '\0' ? "-addext subjectAltName=" : "";
	char key[4096];

	/* x509 takes the alternative names over from the request. */
	must("cd %s && openssl req " NEW_KEY
	     " -keyout %s.key -out %s.csr -subj /CN=%s %s%s 2>&1 && openssl "
	     "x509 -req -in %s.csr -CA %s.pem -CAkey %s.key -CAcreateserial "
	     "-days 90 -copy_extensions copy -out %s.pem 2>&1",
	     folder, name, name, name, option, alternatives, name, authority,
	     authority, name);
	(void)snprintf(key, sizeof key, "%s/%s.key", folder, name);
	(void)chmod(key, 0600);
}
