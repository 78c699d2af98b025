#include "daemon/api/tokenbook.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/api/caller.h"
#include "daemon/api/tokenfile.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/store/store.h"

struct tokenbook {
	struct store *store;      /* borrowed */
	char *site, *path;        /* owned */
	struct token_entry *list; /* owned */
	size_t count;
	bool asking, again; /* again: it changed since we asked */
	bool written;       /* the file has the list */
	bool revoked;       /* the log told of it: the last one may be gone */
	char *told;         /* owned: why not, as logged last */
};

/*
 * Looking
 *	tokenbook_look	all tokens, of Redis
 *	book_read	into memory, and into the file where they have changed
 */
static void book_read(void *, enum store_end, const struct store_answer *);

void
tokenbook_look(struct tokenbook *b)
{
	b->again = b->asking;
	if (b->asking)
		return;
	b->asking = true;
	store_token_book(b->store, book_read, b);
}

void
tokenbook_entry(struct tokenbook *b, const struct record *entry)
{
	const char *type = record_get(entry, "type");

	if (type == NULL || strncmp(type, "token-", 6) != 0)
		return;
	b->revoked = true;
	tokenbook_look(b);
}

/* ---- the file ----------------------------------------------------------- */

static void
read_book(struct tokenbook *b)
{
	struct fault fault = { "" };

	if (*b->path == '\0')
		return;
	if (tokenfile_read(b->path, b->site, &b->list, &b->count, &fault) < 0)
		log_warn("tokens", "%s", fault.text);
	else
		b->written = b->count > 0;
}

static void
write_book(struct tokenbook *b)
{
	struct fault fault = { "" };

	if (b->written || *b->path == '\0')
		return;
	if (tokenfile_write(b->path, b->site, b->list, b->count, &fault) == 0) {
		b->written = true;
		free(b->told);
		b->told = NULL;
		return;
	}
	if (b->told != NULL && strcmp(b->told, fault.text) == 0)
		return;
	free(b->told);
	b->told = text_dup(fault.text);
	log_warn(
	    "tokens",
	    "%s A daemon that starts while Redis is away will know no token.",
	    fault.text);
}

/* ---- what Redis says ---------------------------------------------------- */

static bool
read_entry(struct token_entry *e, const struct record *r)
{
	const char *sha256 = record_get(r, "sha256");
	const char *name = record_get(r, "name");
	const char *role = record_get(r, "role");

	if (sha256 == NULL || name == NULL || role == NULL ||
	    strlen(sha256) != sizeof e->sha256 - 1 || !text_is_name(name) ||
	    role_find(role) == ROLE_NONE)
		return false;
	memcpy(e->sha256, sha256, sizeof e->sha256);
	(void)snprintf(e->name, sizeof e->name, "%s", name);
	e->role = role_find(role);
	return true;
}

static bool
same(const struct tokenbook *b, const struct token_entry *list, size_t n)
{
	if (n != b->count)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].sha256, b->list[i].sha256) != 0 ||
		    strcmp(list[i].name, b->list[i].name) != 0 ||
		    list[i].role != b->list[i].role)
			return false;
	}
	return true;
}

/* Redis sorts them, so that the same are in the same order. */
static void
use_answer(struct tokenbook *b, const struct store_answer *a)
{
	struct token_entry *list = text_alloc((a->count + 1) * sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < a->count; i++)
		n += read_entry(&list[n], a->sections[i].fields);
	if (!same(b, list, n))
		b->written = false;
	if (n == 0 && b->count > 0 && !b->revoked)
		log_warn(
		    "tokens",
		    "Redis knows no token any more; %zu are gone. Make new "
		    "ones with: ringback tokens create",
		    b->count);
	b->revoked = false;
	free(b->list);
	b->list = list;
	b->count = n;
}

static void
book_read(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct tokenbook *b = cookie;

	b->asking = false;
	if (end == STORE_DONE) {
		use_answer(b, a);
		write_book(b);
	} else if (end == STORE_REFUSED) {
		log_error("tokens", "Redis does not tell the tokens: %s",
			  a->error);
	}
	/* Where it ended otherwise, the link comes back and we look again. */
	if (end == STORE_DONE && b->again)
		tokenbook_look(b);
	b->again = false;
}

/* ---- asking the book ---------------------------------------------------- */

/* All are compared, each in the same time, whatever is equal. */
static const struct token_entry *
find(const struct tokenbook *b, const char *sha256)
{
	const struct token_entry *found = NULL;

	for (size_t i = 0; i < b->count; i++) {
		if (CRYPTO_memcmp(b->list[i].sha256, sha256,
				  sizeof b->list[i].sha256) == 0)
			found = &b->list[i];
	}
	return found;
}

struct caller
tokenbook_find(const struct tokenbook *b, const char *sha256)
{
	const struct token_entry *e = find(b, sha256);

	return (struct caller){ .name = e != NULL ? e->name : "",
				.role = e != NULL ? e->role : ROLE_NONE,
				.groups = "",
				.by_token = true };
}

void
tokenbook_heard(struct tokenbook *b, const char *sha256, enum role role)
{
	const struct token_entry *e = find(b, sha256);

	if ((e != NULL ? e->role : ROLE_NONE) != role)
		tokenbook_look(b);
}

/* ---- life --------------------------------------------------------------- */

struct tokenbook *
tokenbook_new(struct store *store, const char *site, const char *path)
{
	struct tokenbook *b = text_alloc(sizeof *b);

	b->store = store;
	b->site = text_dup(site);
	b->path = text_dup(path);
	read_book(b);
	return b;
}

void
tokenbook_free(struct tokenbook *b)
{
	if (b == NULL)
		return;
	free(b->list);
	free(b->site);
	free(b->path);
	free(b->told);
	free(b);
}
