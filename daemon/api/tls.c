#include "daemon/api/tls.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"

#define TELL_AGAIN_MS (60 * 1000)
/* For TLS 1.2: forward secrecy and authenticated encryption only. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls {
	SSL_CTX *ctx;    /* owned */
	int64_t told_ms; /* monotonic: the last failure in the log; 0: none */
	unsigned long more; /* failures since */
};

/* ---- the files ---------------------------------------------------------- */

/* What OpenSSL has against it, in its words. */
static const char *
why(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;

	return reason != NULL ? reason : "it is not to be understood";
}

static int
check_key_file(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fault_set(fault, "https_key %s is no file.", path);
		return -1;
	}
	if ((st.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) == 0)
		return 0;
	fault_set(fault,
		  "https_key %s may be read or changed by others. Do: "
		  "sudo chown root:ringback %s; sudo chmod 0640 %s",
		  path, path, path);
	return -1;
}

/* A daemon has nobody whom it could ask. */
static int
no_password(char *buf, int size, int writing, void *cookie)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)cookie;
	return -1;
}

static EVP_PKEY *
read_key(const char *path, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	EVP_PKEY *key = NULL;
	BIO *bio;

	if (fd < 0) {
		fault_set(fault, "https_key %s: %s.", path, strerror(errno));
		return NULL;
	}
	if (check_key_file(fd, path, fault) < 0) {
		(void)close(fd);
		return NULL;
	}
	bio = BIO_new_fd(fd, BIO_CLOSE);
	if (bio == NULL)
		abort();
	key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (key == NULL)
		fault_set(
		    fault,
		    "https_key %s holds no key in PEM without a passphrase: "
		    "%s.",
		    path, why());
	return key;
}

static int
use_key(SSL_CTX *ctx, const struct tls_files *f, struct fault *fault)
{
	EVP_PKEY *key = read_key(f->key, fault);
	int ok;

	if (key == NULL)
		return -1;
	ok = SSL_CTX_use_PrivateKey(ctx, key);
	EVP_PKEY_free(key);
	if (ok == 1 && SSL_CTX_check_private_key(ctx) == 1)
		return 0;
	fault_set(fault, "https_key %s does not fit https_cert %s: %s.", f->key,
		  f->cert, why());
	return -1;
}

static int
use_cert(SSL_CTX *ctx, const char *path, struct fault *fault)
{
	if (access(path, R_OK) < 0) {
		fault_set(fault, "https_cert %s: %s.", path, strerror(errno));
		return -1;
	}
	if (SSL_CTX_use_certificate_chain_file(ctx, path) == 1)
		return 0;
	fault_set(fault,
		  "https_cert %s holds no certificate in PEM that is "
		  "fit for use: %s.",
		  path, why());
	return -1;
}

static int
use_client_ca(SSL_CTX *ctx, const char *path, struct fault *fault)
{
	STACK_OF(X509_NAME) * names;

	if (*path == '\0')
		return 0;
	if (access(path, R_OK) < 0) {
		fault_set(fault, "https_client_ca %s: %s.", path,
			  strerror(errno));
		return -1;
	}
	names = SSL_load_client_CA_file(path);
	if (names == NULL ||
	    SSL_CTX_load_verify_locations(ctx, path, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		fault_set(fault,
			  "https_client_ca %s holds no certificate in "
			  "PEM: %s.",
			  path, why());
		return -1;
	}
	SSL_CTX_set_client_CA_list(ctx, names); /* takes them */
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

/* ---- the context -------------------------------------------------------- */

/* ALPN (RFC 7301): a client that names protocols must name ours. */
static int
on_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
	const unsigned char *in, unsigned in_len, void *cookie)
{
	static const unsigned char ours[] = "\x08http/1.1\x08http/1.0";
	unsigned char *chosen;

	(void)ssl;
	(void)cookie;
	if (SSL_select_next_proto(&chosen, ret_len, ours, sizeof ours - 1, in,
				  in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* No sessions are kept: nothing to steal, and a certificate that is no longer
 * accepted does not come back by one. */
static SSL_CTX *
new_context(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1)
		abort();
	(void)SSL_CTX_set_options(
	    ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
		     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
	return ctx;
}

static SSL_CTX *
read_files(const struct tls_files *f, struct fault *fault)
{
	SSL_CTX *ctx = new_context();

	ERR_clear_error();
	if (use_cert(ctx, f->cert, fault) < 0 || use_key(ctx, f, fault) < 0 ||
	    use_client_ca(ctx, f->client_ca, fault) < 0) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	ERR_clear_error();
	return ctx;
}

struct tls *
tls_new(const struct tls_files *files, struct fault *fault)
{
	SSL_CTX *ctx = read_files(files, fault);
	struct tls *t;

	if (ctx == NULL)
		return NULL;
	t = text_alloc(sizeof *t);
	t->ctx = ctx;
	return t;
}

int
tls_reload(struct tls *t, const struct tls_files *files, struct fault *fault)
{
	SSL_CTX *ctx = read_files(files, fault);

	if (ctx == NULL)
		return -1;
	SSL_CTX_free(t->ctx); /* each connection holds its own */
	t->ctx = ctx;
	return 0;
}

void
tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

int64_t
tls_expires_ms(const struct tls *t)
{
	struct tm tm = { 0 };

	if (ASN1_TIME_to_tm(
		X509_get0_notAfter(SSL_CTX_get0_certificate(t->ctx)), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * 1000;
}

/* ---- one connection ----------------------------------------------------- */

struct ssl_st *
tls_accept(struct tls *t)
{
	return SSL_new(t->ctx);
}

void
tls_bye(struct ssl_st *ssl)
{
	if (SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl);
	ERR_clear_error();
}

void
tls_end(struct ssl_st *ssl)
{
	SSL_free(ssl);
}

static void
copy_name(char buf[TLS_NAME_SIZE], const unsigned char *s, int len)
{
	size_t n = 0;

	for (int i = 0; i < len && n < TLS_NAME_SIZE - 1; i++) {
		bool plain =
		    s[i] < 0x80 &&
		    (isalnum(s[i]) || (s[i] != 0 && strchr("._@*-", s[i])));

		buf[n++] = plain ? (char)s[i] : '?';
	}
	buf[n] = '\0';
}

static bool
copy_alternative(char buf[TLS_NAME_SIZE], const X509 *cert)
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type != GEN_DNS && name->type != GEN_EMAIL)
			continue;
		copy_name(buf, ASN1_STRING_get0_data(name->d.ia5),
			  ASN1_STRING_length(name->d.ia5));
		found = true;
	}
	GENERAL_NAMES_free(names);
	return found;
}

void
tls_peer_name(const struct ssl_st *ssl, char buf[TLS_NAME_SIZE])
{
	const X509 *cert = SSL_get0_peer_certificate(ssl);
	const X509_NAME *subject;
	int at;

	buf[0] = '\0';
	if (cert == NULL || copy_alternative(buf, cert))
		return;
	subject = X509_get_subject_name(cert);
	at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at >= 0) {
		const ASN1_STRING *cn =
		    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));

		copy_name(buf, ASN1_STRING_get0_data(cn),
			  ASN1_STRING_length(cn));
	}
}

void
tls_failed(struct tls *t, unsigned long error, const char *from)
{
	const char *reason = ERR_reason_error_string(error);
	int64_t now = clock_mono_ms();

	if (t->told_ms > 0 && now - t->told_ms < TELL_AGAIN_MS) {
		t->more++;
		return;
	}
	log_warn("tls", "handshake=failed from=%s why=\"%s\" before=%lu", from,
		 reason != NULL ? reason : "unknown", t->more);
	t->told_ms = now;
	t->more = 0;
}
