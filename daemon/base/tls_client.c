#include "daemon/base/tls_client.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "daemon/base/text.h"
#include "daemon/base/credentials.h"

struct tls_client {
	SSL_CTX *context;
	const struct tls_client_words *words;
};

/* What OpenSSL says of the newest error, without its codes. */
static const char *
newest_error(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return reason != NULL ? reason : "unknown error";
}

/* OpenSSL calls a file that is not there "system lib". */
static const char *
file_error(const char *path)
{
	const char *newest = newest_error();

	return access(path, R_OK) < 0 ? strerror(errno) : newest;
}

static int
use_files(SSL_CTX *context, const struct tls_client_files *f,
	  struct fault *fault)
{
	const char *prefix = f->words->prefix;
	char option[64];

	if (*f->ca == '\0') {
		(void)SSL_CTX_set_default_verify_paths(context);
	} else if (SSL_CTX_load_verify_locations(context, f->ca, NULL) != 1) {
		fault_set(fault, "%sca: %s: %s.", prefix, f->ca,
			  file_error(f->ca));
		return -1;
	}
	if (*f->cert == '\0' && *f->key == '\0')
		return 0;
	if (SSL_CTX_use_certificate_chain_file(context, f->cert) != 1) {
		fault_set(fault, "%scert: %s: %s.", prefix, f->cert,
			  file_error(f->cert));
		return -1;
	}
	(void)snprintf(option, sizeof option, "%skey", prefix);
	if (credentials_file_ok(f->key, option, fault) < 0)
		return -1;
	if (SSL_CTX_use_PrivateKey_file(context, f->key, SSL_FILETYPE_PEM) !=
		1 ||
	    SSL_CTX_check_private_key(context) != 1) {
		fault_set(fault, "%skey: %s does not fit %scert: %s.", prefix,
			  f->key, prefix, newest_error());
		return -1;
	}
	return 0;
}

/* A key with a passphrase would be asked for on the terminal. */
static int
no_passphrase(char *buf, int size, int writing, void *cookie)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)cookie;
	return 0;
}

struct tls_client *
tls_client_new(const struct tls_client_files *files, struct fault *fault)
{
	struct tls_client *t;
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		abort();
	(void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	/* Records are handed over whole or not at all: what is left in our
	 * buffer when a link breaks cannot have been read over there. */
	(void)SSL_CTX_set_mode(context,
			       SSL_MODE_ENABLE_PARTIAL_WRITE |
				   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (use_files(context, files, fault) < 0) {
		SSL_CTX_free(context);
		return NULL;
	}
	t = text_alloc(sizeof *t);
	t->context = context;
	t->words = files->words;
	return t;
}

void
tls_client_free(struct tls_client *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->context);
	free(t);
}

static bool
expect_host(SSL *ssl, const char *host, bool is_number)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(ssl);

	if (is_number)
		return X509_VERIFY_PARAM_set1_ip_asc(p, host) == 1;
	X509_VERIFY_PARAM_set_hostflags(p,
					X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return X509_VERIFY_PARAM_set1_host(p, host, 0) == 1 &&
	       /* SSL_set_tlsext_host_name() without its cast. */
	       SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
			TLSEXT_NAMETYPE_host_name,
			(void *)(uintptr_t)host) == 1;
}

struct bufferevent *
tls_client_link(struct tls_client *t, struct event_base *base, const char *host,
		bool is_number)
{
	SSL *ssl = SSL_new(t->context);
	struct bufferevent *link;

	if (ssl == NULL)
		return NULL;
	if (!expect_host(ssl, host, is_number)) {
		SSL_free(ssl);
		return NULL;
	}
	/* The words outlive the link, which may outlive t. */
	(void)SSL_set_app_data(ssl, (void *)(uintptr_t)t->words);
	link = bufferevent_openssl_socket_new(
	    base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (link == NULL) {
		SSL_free(ssl);
		return NULL;
	}
	/* Redis closes without a farewell, Asterisk too; what they say tells
	 * where it ends. */
	bufferevent_openssl_set_allow_dirty_shutdown(link, 1);
	return link;
}

static const char *
sentence(char *buf, size_t size, const struct tls_client_words *w, long result)
{
	const char *rest, *option = "";

	switch (result) {
	case X509_V_ERR_CERT_HAS_EXPIRED: rest = "has expired"; break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		rest = "is not valid yet (is the clock right?)";
		break;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		rest = "is for another host than that in ";
		option = w->where;
		break;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		(void)snprintf(buf, size,
			       "%s's certificate comes from nobody whom %sca "
			       "knows",
			       w->peer, w->prefix);
		return buf;
	default: return X509_verify_cert_error_string(result);
	}
	(void)snprintf(buf, size, "%s's certificate %s%s", w->peer, rest,
		       option);
	return buf;
}

const char *
tls_client_why(struct bufferevent *link)
{
	static char why[160];
	SSL *ssl = bufferevent_openssl_get_ssl(link);
	const struct tls_client_words *w;
	unsigned long code;
	long result;

	if (ssl == NULL)
		return NULL;
	w = SSL_get_app_data(ssl);
	result = SSL_get_verify_result(ssl);
	code = bufferevent_get_openssl_error(link);
	if (result != X509_V_OK)
		return sentence(why, sizeof why, w, result);
	/* Below TLS, refused or reset: so libevent tells it. */
	if (code == 0 || code == SSL_ERROR_SYSCALL)
		return NULL;
	/* Without a farewell, as programs do that end. */
	if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		(void)snprintf(why, sizeof why, "%s closed the connection",
			       w->peer);
	else if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER)
		(void)snprintf(why, sizeof why,
			       "%s does not speak TLS at that port", w->peer);
	else
		(void)snprintf(why, sizeof why, "TLS with %s failed: %s",
			       w->peer,
			       ERR_reason_error_string(code) != NULL
				   ? ERR_reason_error_string(code)
				   : "for no known reason");
	return why;
}
