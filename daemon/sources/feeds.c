#include "daemon/sources/feeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/credentials.h"
#include "daemon/base/log.h"
#include "daemon/base/text.h"
#include "daemon/base/tls_client.h"
#include "daemon/policy/policy.h"
#include "daemon/sources/feed.h"

/* What a link was made from: with another, it is made anew. */
struct made_of {
	char *text;             /* owned; type, address, files */
	struct credentials who; /* owned */
	struct tls_client *tls; /* owned; NULL: none */
};

/* One source: a feed, and a link where we ask it. */
struct place {
	struct feed *feed;              /* owned */
	char *name;                     /* owned */
	const struct source_type *type; /* NULL: of no type */
	struct source *source; /* owned; NULL: it pushes, or has not begun */
	struct made_of made_of;
	const struct policy_source *config; /* NULL: not in the configuration */
};

struct feeds {
	struct feeds_options o;
	struct place **places; /* owned, each too; in order of their coming */
	size_t count, others;
	bool begun;
};

/* ---- what a section says ------------------------------------------------ */

static void
made_of_done(struct made_of *m)
{
	free(m->text);
	credentials_done(&m->who);
	tls_client_free(m->tls);
	*m = (struct made_of){ 0 };
}

/* When it was last written, so that a new one is noticed; 0: there is none. */
static long long
written_ns(const char *path)
{
	struct stat st;

	if (*path == '\0' || stat(path, &st) < 0)
		return 0;
	return st.st_mtim.tv_sec * 1000000000LL + st.st_mtim.tv_nsec;
}

static int
made_of_read(struct made_of *ret, const struct policy_source *s,
	     struct fault *fault)
{
	static const struct tls_client_words words = {
		.peer = "the telephone system",
		.prefix = "tls_",
		.where = "address"
	};
	const struct tls_client_files files = {
		.ca = s->tls_ca, .cert = "", .key = "", .words = &words
	};
	struct made_of m = { 0 };
	char what[100];

	(void)snprintf(what, sizeof what, "secret_file of source \"%s\"",
		       s->name);
	if (credentials_read(&m.who, s->user, s->secret_file, what, fault) < 0)
		return -1;
	if (s->tls) {
		struct fault why = { "" };

		m.tls = tls_client_new(&files, &why);
		if (m.tls == NULL) {
			fault_set(fault, "source \"%s\": %s", s->name,
				  why.text);
			made_of_done(&m);
			return -1;
		}
	}
	m.text = text_print("%s\n%s\n%s\n%s\n%d\n%s\n%lld", s->type, s->address,
			    m.who.user, m.who.secret, s->tls, s->tls_ca,
			    written_ns(s->tls_ca));
	*ret = m;
	return 0;
}

static int
check_section(const struct policy_source *s, struct fault *fault)
{
	const struct source_type *type = source_type(s->type);
	struct made_of m = { 0 };

	if (*s->type == '\0')
		return 0;
	if (type == NULL) {
		struct text known = { 0 };

		for (const struct source_type *t = source_types;
		     t->name != NULL; t++)
			text_addf(&known, "%s%s", known.len > 0 ? ", " : "",
				  t->name);
		fault_set(fault,
			  "source \"%s\": the type \"%s\" is none of: %s.",
			  s->name, s->type, known.len > 0 ? known.data : "");
		text_done(&known);
		return -1;
	}
	if (type->check(s, fault) < 0 || made_of_read(&m, s, fault) < 0)
		return -1;
	made_of_done(&m);
	return 0;
}

int
feeds_check(const struct policy *p, struct fault *fault)
{
	for (size_t i = 0; i < p->source_count; i++) {
		if (check_section(&p->sources[i], fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- places ------------------------------------------------------------- */

static struct place *
find(const struct feeds *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->places[i]->name, name) == 0)
			return f->places[i];
	}
	return NULL;
}

static struct place *
add(struct feeds *f, const char *name)
{
	struct place *p = text_alloc(sizeof *p);
	const struct feed_options feed = { .base = f->o.base,
					   .intake = f->o.intake,
					   .store = f->o.store,
					   .name = name,
					   .zone = f->o.zone,
					   .cookie = f->o.cookie };

	p->name = text_dup(name);
	p->feed = feed_new(&feed, f->o.policy);
	f->places = text_realloc(f->places, (f->count + 1) * sizeof p);
	f->places[f->count++] = p;
	return p;
}

static void
stop(struct place *p)
{
	if (p->source != NULL) {
		p->type->stop(p->source);
		feed_let_go(p->feed);
	}
	p->source = NULL;
	made_of_done(&p->made_of);
}

static void
start(struct feeds *f, struct place *p, struct made_of *made_of)
{
	const struct source_options o = { .base = f->o.base,
					  .config = p->config,
					  .secret = made_of->who.secret,
					  .tls = made_of->tls,
					  .feed = p->feed,
					  .store = f->o.store,
					  .heard_until = f->o.heard_until,
					  .cookie = f->o.cookie };

	p->made_of = *made_of;
	*made_of = (struct made_of){ 0 };
	p->source = p->type->start(&o);
}

/* Its section is there, and new or not the one before. */
static void
use_section(struct feeds *f, struct place *p)
{
	const struct source_type *type = source_type(p->config->type);
	struct made_of made_of = { 0 };
	struct fault fault = { "" };
	bool asks = type != NULL && type->start != NULL;

	if (type != NULL && made_of_read(&made_of, p->config, &fault) < 0) {
		/* As it was when it was checked: or the next reload. */
		log_error("source", "%s", fault.text);
		if (p->source != NULL)
			p->type->use(p->source, p->config);
		else if (asks)
			feed_down(p->feed, fault.text);
		return;
	}
	if (!asks) {
		stop(p);
		p->type = type;
		p->made_of = made_of; /* what a system that pushes signs with */
		return;
	}
	if (p->source != NULL && strcmp(p->made_of.text, made_of.text) == 0) {
		p->type->use(p->source, p->config);
		made_of_done(&made_of);
		return;
	}
	stop(p);
	p->type = type;
	if (f->begun)
		start(f, p, &made_of);
	made_of_done(&made_of);
}

static void
use_policy(struct feeds *f)
{
	const struct policy *p = f->o.policy;

	for (size_t i = 0; i < p->source_count; i++) {
		struct place *place = find(f, p->sources[i].name);

		if (place == NULL)
			place = add(f, p->sources[i].name);
		place->config = &p->sources[i];
	}
	for (size_t i = 0; i < f->count; i++) {
		feed_set_policy(f->places[i]->feed, p);
		if (f->places[i]->config != NULL)
			use_section(f, f->places[i]);
		else
			stop(f->places[i]);
	}
}

/* ---- life --------------------------------------------------------------- */

struct feeds *
feeds_new(const struct feeds_options *o)
{
	struct feeds *f = text_alloc(sizeof *f);

	f->o = *o;
	use_policy(f);
	return f;
}

void
feeds_begin(struct feeds *f)
{
	if (f->begun)
		return;
	f->begun = true;
	use_policy(f);
}

void
feeds_set_policy(struct feeds *f, const struct policy *p)
{
	f->o.policy = p;
	for (size_t i = 0; i < f->count; i++)
		f->places[i]->config = NULL;
	use_policy(f);
}

void
feeds_stop(struct feeds *f)
{
	f->begun = false;
	/* Requests that are still open may have to be looked at for a
	 * signature: what these are signed with stays. */
	for (size_t i = 0; i < f->count; i++) {
		if (f->places[i]->source != NULL)
			stop(f->places[i]);
	}
}

void
feeds_free(struct feeds *f)
{
	if (f == NULL)
		return;
	feeds_stop(f);
	for (size_t i = 0; i < f->count; i++) {
		stop(f->places[i]);
		feed_free(f->places[i]->feed);
		free(f->places[i]->name);
		free(f->places[i]);
	}
	free(f->places);
	free(f);
}

/* ---- what others ask ---------------------------------------------------- */

struct feed *
feeds_of(struct feeds *f, const char *name)
{
	struct place *p = find(f, name);

	if (p != NULL)
		return p->feed;
	if (f->others >= FEEDS_MOST_OTHERS)
		return NULL;
	f->others++;
	return add(f, name)->feed;
}

const char *
feeds_secret(const struct feeds *f, const char *name)
{
	const struct place *p = find(f, name);

	return p != NULL && p->made_of.who.secret != NULL
		   ? p->made_of.who.secret
		   : "";
}

size_t
feeds_count(const struct feeds *f)
{
	return f->count;
}

struct feed *
feeds_at(const struct feeds *f, size_t i)
{
	return f->places[i]->feed;
}

size_t
feeds_waiting(const struct feeds *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct feed_state state;

		feed_look(f->places[i]->feed, &state);
		count += state.waiting;
	}
	return count;
}

static bool
can_call(const struct place *p)
{
	return p->source != NULL && p->type->originate != NULL &&
	       *p->config->dial_agent != '\0' &&
	       *p->config->dial_customer != '\0';
}

static bool
is_up(const struct place *p)
{
	struct feed_state state;

	feed_look(p->feed, &state);
	return state.up;
}

bool
feeds_caller(const struct feeds *f, const char *name, struct feeds_caller *ret)
{
	const struct place *best = NULL;

	for (size_t i = 0; i < f->count; i++) {
		const struct place *p = f->places[i];

		if (!can_call(p))
			continue;
		if (strcmp(p->name, name) == 0) {
			best = p;
			break;
		}
		if (best == NULL || (!is_up(best) && is_up(p)))
			best = p;
	}
	if (best == NULL)
		return false;
	*ret = (struct feeds_caller){ .name = best->name,
				      .source = best->source,
				      .type = best->type,
				      .feed = best->feed };
	return true;
}

void
feeds_pause(const struct feeds *f, const char *phone, bool paused)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct place *p = f->places[i];

		if (p->source != NULL && p->type->pause != NULL &&
		    p->config->pause_agents)
			p->type->pause(p->source, phone, paused);
	}
}
