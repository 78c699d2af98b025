#include "daemon/base/base64.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/base/text.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
			     "wxyz0123456789+/";

char *
base64_decode(const char *text, size_t len, size_t *ret_len)
{
	size_t padding = 0;
	char *out;
	int n;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	if (len % 4 != 0 || len > INT_MAX)
		return NULL;
	for (size_t i = 0; i < len - padding; i++) {
		if (text[i] == '\0' || strchr(digits, text[i]) == NULL)
			return NULL;
	}
	out = text_alloc(len / 4 * 3 + 1);
	n = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)text,
			    (int)len);
	if (n < (int)padding) {
		free(out);
		return NULL;
	}
	*ret_len = (size_t)n - padding;
	out[*ret_len] = '\0';
	return out;
}

char *
base64_encode(const void *data, size_t len)
{
	char *out = text_alloc((len + 2) / 3 * 4 + 1);

	(void)EVP_EncodeBlock((unsigned char *)out, data, (int)len);
	return out;
}
