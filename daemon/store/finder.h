/* finder.h -- which Redis the links go to: a fixed one; the one that most of
 * the listed sentinels name; or the node of a Cluster that has the site.
 *
 * Sentinels decide, not the server: an old master that wakes up says for ten
 * seconds that it is one still.  They are asked all at once whenever a link is
 * made and twice a second meanwhile.  The links are lost as soon as a sentinel
 * names another and not most name ours, or when most have been silent for five
 * seconds: a master that we cannot have confirmed may be one that was left. */
#ifndef RB_STORE_FINDER_H
#define RB_STORE_FINDER_H

struct credentials;
struct event_base;
struct finder;
struct rds;
struct tls_client;
struct redis_url;

struct finder_options {
	struct event_base *base;     /* borrowed */
	const struct redis_url *url; /* copied */
	const char *site;
	const struct credentials *who; /* for those who are asked; borrowed */
	struct tls_client *const *tls;  /* as in rds.h */
	/* lost: what was found is not to be used any more. */
	void (*lost)(void *cookie, const char *why);
	void *cookie;
};

struct finder *finder_new(const struct finder_options *);
void finder_free(struct finder *); /* NULL is allowed */

/* finder_ask: for rds_options.find: ends in rds_found or rds_drop, at once or
 * within a second, unless the finder is freed first.  At most two links ask. */
void finder_ask(struct finder *, struct rds *);
/* finder_moved: what a node said of where the site is now. */
void finder_moved(struct finder *, const char *error);

#endif
