#include "daemon/api/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "daemon/api/caller.h"
#include "daemon/api/api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/secret.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/store.h"

#define SECRET_BYTES 24

static void
tokens_listed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else
		req_answer(req, 200,
		    json_pack("{s:o}", "tokens", wire_objects(a, "token")));
}

void
tokens_get(struct req *req)
{
	store_tokens(api_of(req)->store, tokens_listed, req);
}

/*
 * POST /v1/tokens
 *	tokens_post	a secret; only its hash goes to Redis
 *	token_stored	the secret, this once
 */
struct token_call {
	struct req *req;
	const char *name, *role;
	char secret[sizeof SECRET_PREFIX + 2 * SECRET_BYTES];
};
static void token_stored(void *, enum store_end, const struct store_answer *);

static int
make_secret(struct token_call *c)
{
	unsigned char bytes[SECRET_BYTES];
	size_t n = sizeof SECRET_PREFIX - 1;

	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return -1;
	memcpy(c->secret, SECRET_PREFIX, n);
	for (size_t i = 0; i < sizeof bytes; i++)
		(void)snprintf(c->secret + n + 2 * i, 3, "%02x", bytes[i]);
	OPENSSL_cleanse(bytes, sizeof bytes);
	return 0;
}

void
tokens_post(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "name", .kind = WIRE_NAME, .required = true },
		{ .name = "role", .kind = WIRE_NAME, .required = true },
	};
	struct token_call *c = req_keep(req, sizeof *c);
	struct record *r = api_record(req);
	struct actor who;
	char sha256[SECRET_SHA256_SIZE];

	if (api_read(req, r, fields, 2) < 0)
		return;
	c->req = req;
	c->name = record_get(r, "name");
	c->role = record_get(r, "role");
	if (role_find(c->role) == ROLE_NONE) {
		req_fail(req, 422, "no such role",
		    "role must be push, agent, supervisor, manager or admin.");
		return;
	}
	if (make_secret(c) < 0) {
		req_fail(req, 500, "no random numbers",
		    "The system gave no random numbers for a token.");
		return;
	}
	secret_sha256(sha256, c->secret);
	who = api_actor(req);
	store_token_put(api_of(req)->store,
	    &(struct store_token){ .name = c->name,
		.role = c->role,
		.sha256 = sha256,
		.who = &who },
	    token_stored, c);
}

static void
token_stored(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct token_call *c = cookie;

	if (end != STORE_DONE)
		api_fail_end(c->req, end, a);
	else if (strcmp(a->word, "ok") != 0)
		refuse(c->req, a);
	else
		req_answer(c->req, 201,
		    json_pack("{s:s, s:s, s:s}", "name", c->name, "role",
			c->role, "token", c->secret));
	OPENSSL_cleanse(c->secret, sizeof c->secret);
}

static void
token_revoked(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else if (strcmp(a->word, "ok") != 0)
		req_fail(req, 404, "no such token",
		    "There is no token of that name. See: ringback tokens");
	else
		req_answer(
		    req, 200, json_pack("{s:s}", "revoked", req_part(req, 0)));
}

void
token_delete(struct req *req)
{
	const struct actor who = api_actor(req);

	store_token_revoke(
	    api_of(req)->store, &who, req_part(req, 0), token_revoked, req);
}
