#include "daemon/api/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

void
secret_sha256(char buf[SECRET_SHA256_SIZE], const char *secret)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;

	if (EVP_Digest(secret, strlen(secret), sum, &len, EVP_sha256(), NULL) !=
	    1)
		abort();
	for (unsigned i = 0; i < 32; i++)
		(void)snprintf(buf + 2 * i, 3, "%02x", sum[i]);
}
