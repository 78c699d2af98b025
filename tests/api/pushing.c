#include "tests/api/pushing.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "12345"

static char secret_path[64];

struct house *
pushing_house(void)
{
	char extra[1200];
	int fd;

	(void)snprintf(secret_path, sizeof secret_path, "/tmp/rb-push-XXXXXX");
	fd = mkstemp(secret_path);
	cr_assert(fd >= 0 && write(fd, SECRET "\n", 6) == 6);
	(void)close(fd);
	(void)snprintf(
	    extra, sizeof extra,
	    "source \"tw\" { type = \"twilio\" public_url = \"" PUSHING_URL
	    "\" secret_file = \"%s\" answered_min = \"20s\" queue_names = { "
	    "\"QU77 = quality\" } }\n"
	    "source \"cti\" { type = \"cti\" public_url = \"" PUSHING_URL
	    "/\" answered_min = \"0s\" }\n"
	    "source \"placetel\" { type = \"cti\" secret_file = \"%s\" "
	    "answered_min = \"20s\" }\n",
	    secret_path, secret_path);
	return house_new_with(&(struct house_options){ .extra = extra });
}

void
pushing_done(struct house *h)
{
	house_free(h);
	(void)unlink(secret_path);
}

char *
pushing_hmac(struct house *h, const char *hash, const char *text)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	char out[200] = "";
	unsigned int len = 0;

	(void)HMAC(EVP_get_digestbyname(hash), SECRET, 5,
		   (const unsigned char *)text, strlen(text), mac, &len);
	if (strcmp(hash, "SHA1") == 0)
		(void)EVP_EncodeBlock((unsigned char *)out, mac, (int)len);
	for (unsigned i = 0; strcmp(hash, "SHA1") != 0 && i < len; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", mac[i]);
	return house_print(h, "%s", out);
}

/* Everything but letters and digits percent-encoded. */
static void
add_encoded(FILE *out, const char *s)
{
	for (; *s != '\0'; s++)
		(void)fprintf(out, isalnum((unsigned char)*s) ? "%c" : "%%%02X",
			      (unsigned char)*s);
}

const struct said *
pushing_twilio(struct house *h, const char *url, const char *const *pairs)
{
	char *text = NULL, *body = NULL;
	size_t text_len, body_len;
	FILE *t = open_memstream(&text, &text_len);
	FILE *b = open_memstream(&body, &body_len);
	const struct said *a;

	(void)fputs(url != NULL ? url : PUSHING_URL "/v1/twilio/tw", t);
	for (size_t i = 0; pairs[i] != NULL; i++) {
		(void)fputs(pairs[i], t);
		(void)fputs(i == 0 ? "" : i % 2 == 0 ? "&" : "=", b);
		add_encoded(b, pairs[i]);
	}
	(void)fclose(t);
	(void)fclose(b);
	a = house_ask(
	    h, &(struct question){
		   .who = "nobody",
		   .path = "/v1/twilio/tw",
		   .type = "application/x-www-form-urlencoded",
		   .body = body,
		   .headers = house_print(h, "X-Twilio-Signature: %s\r\n",
					  pushing_hmac(h, "SHA1", text)) });
	free(text);
	free(body);
	return a;
}

const struct said *
pushing_cti(struct house *h, const char *form)
{
	return house_ask(h, &(struct question){
				.who = "nobody",
				.path = house_print(h, "/v1/cti/cti?token=%s",
						    house_token(h, "push")),
				.type = "application/x-www-form-urlencoded",
				.body = form });
}

int64_t
pushing_waiting(struct house *h)
{
	const struct said *a = house_get(h, "anna", "/v1/items?state=waiting");

	cr_assert_eq(a->status, 200, "%s", a->body);
	return (int64_t)json_array_size(json_object_get(a->json, "items"));
}

bool
pushing_next_order(int *order, int n)
{
	int i = n - 1, k = n - 1, last;

	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (order[k] <= order[i - 1])
		k--;
	last = order[i - 1], order[i - 1] = order[k], order[k] = last;
	for (k = n - 1; i < k; i++, k--)
		last = order[i], order[i] = order[k], order[k] = last;
	return true;
}
