#include "daemon/listen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "daemon/api/http.h"
#include "daemon/api/tls.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"

#define DAY_MS INT64_C(86400000)
#define SOON_DAYS 30

static struct tls_files
files_of(const struct policy *p)
{
	return (struct tls_files){ .cert = p->https_cert,
				   .key = p->https_key,
				   .client_ca = p->https_client_ca };
}

/* ---- when the certificate ends ------------------------------------------ */

/* A line, or NULL while there is time. */
static char *
ends_soon(const struct tls *tls, const struct policy *p)
{
	int64_t left = tls_expires_ms(tls) - clock_wall_ms();

	if (left > SOON_DAYS * DAY_MS)
		return NULL;
	if (left <= 0)
		return text_print(
		    "https_cert %s is no longer valid; clients that look at "
		    "it will not come.",
		    p->https_cert);
	return text_print(
	    "https_cert %s is valid for %" PRId64 " more day%s only.",
	    p->https_cert, left / DAY_MS, left / DAY_MS == 1 ? "" : "s");
}

static void
log_end(const struct tls *tls, const struct policy *p)
{
	char *line = ends_soon(tls, p);

	if (line != NULL)
		log_warn("tls", "%s", line);
	free(line);
}

int
listen_check(const struct policy *p, char **ret_warning, struct fault *fault)
{
	const struct tls_files files = files_of(p);
	struct tls *tls;

	*ret_warning = NULL;
	if (*p->https == '\0')
		return 0;
	tls = tls_new(&files, fault);
	if (tls == NULL)
		return -1;
	*ret_warning = ends_soon(tls, p);
	tls_free(tls);
	return 0;
}

/* ---- listening ---------------------------------------------------------- */

static int
listen_given(struct http *h, int count, char **names, struct tls *tls,
	     struct fault *fault)
{
	for (int i = 0; i < count; i++) {
		bool is_tls = names != NULL && strcmp(names[i], "https") == 0;

		if (is_tls && tls == NULL) {
			fault_set(fault, "systemd passed a socket called "
					 "https, and the configuration has no "
					 "https with its certificate.");
			return -1;
		}
		if (http_listen_fd(h, SD_LISTEN_FDS_START + i,
				   is_tls ? tls : NULL, fault) < 0)
			return -1;
	}
	return 0;
}

static int
listen_own(struct http *h, const struct policy *p, struct tls *tls,
	   struct fault *fault)
{
	mode_t mode = (mode_t)strtoul(p->socket_mode, NULL, 8);

	if (http_socket_access(h, mode, p->socket_group, fault) < 0 ||
	    http_listen(h, p->socket, fault) < 0)
		return -1;
	if (*p->http != '\0' && http_listen(h, p->http, fault) < 0)
		return -1;
	if (tls != NULL && http_listen_tls(h, p->https, tls, fault) < 0)
		return -1;
	return 0;
}

int
listen_begin(struct http *h, const struct policy *p, struct tls **ret_tls,
	     struct fault *fault)
{
	const struct tls_files files = files_of(p);
	char **names = NULL;
	int given, rc;

	if (*p->https != '\0') {
		*ret_tls = tls_new(&files, fault);
		if (*ret_tls == NULL)
			return -1;
		log_end(*ret_tls, p);
	}
	given = sd_listen_fds_with_names(1, &names);
	rc = given > 0 ? listen_given(h, given, names, *ret_tls, fault)
		       : listen_own(h, p, *ret_tls, fault);
	for (int i = 0; names != NULL && i < given; i++)
		free(names[i]);
	free(names);
	return rc;
}

int
listen_reload(struct tls *tls, const struct policy *p, struct fault *fault)
{
	const struct tls_files files = files_of(p);

	if (tls == NULL)
		return 0;
	if (tls_reload(tls, &files, fault) < 0)
		return -1;
	log_end(tls, p);
	return 0;
}
