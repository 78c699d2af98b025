#include "daemon/sources/push.h"

#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sources/cti.h"
#include "daemon/sources/twilio.h"

static const struct push_format formats[] = {
	{ .name = "twilio",
	  .signs = true,
	  .proof = twilio_proof,
	  .read = twilio_read },
	{ .name = "cti", .json = true, .proof = cti_proof, .read = cti_read },
};

const struct push_format *
push_format(const char *name)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}

bool
push_equal(const char *a, const char *b)
{
	size_t n = strlen(a);

	return n == strlen(b) && CRYPTO_memcmp(a, b, n) == 0;
}

bool
push_url_ok(const char *url)
{
	size_t n = strncmp(url, "https://", 8) == 0  ? 8
		   : strncmp(url, "http://", 7) == 0 ? 7
						     : 0;

	return n > 0 && url[n] != '\0' && strchr("/?#:", url[n]) == NULL &&
	       strpbrk(url, "?# \"<>") == NULL;
}
