/* certs.h -- certificates for one test, made by openssl(1) in a folder of its
 * own.  What cannot be made ends the test at once. */
#ifndef RB_TESTS_HARNESS_CERTS_H
#define RB_TESTS_HARNESS_CERTS_H

/* certs_authority: NAME.pem and NAME.key, a CA of that name. */
void certs_authority(const char *folder, const char *name);
/* certs_make: NAME.pem and NAME.key (mode 0600), signed by that CA, for that
 * common name and, unless "", with these alternative names ("DNS:localhost,IP:
 * 127.0.0.1"). */
void certs_make(const char *folder, const char *authority, const char *name,
		const char *alternatives);

/* certs_shell: a line of the shell; its output, which the caller frees. */
char *certs_shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
