/* http_deny.h -- takes a connection away from evhttp, to tell it in our own
 * words why it gets no further: evhttp would say it in HTML, or not at all.
 * Only http_conn.c includes it. */
#ifndef RB_API_HTTP_DENY_H
#define RB_API_HTTP_DENY_H

struct conn;

/* deny: from the loop, while no answer is on its way: sends c->denial, reads
 * away what still comes, so that the client can read it, and ends with the
 * client, or with deny_end. */
void deny(struct conn *c);
void deny_end(struct conn *c); /* the connection is closed (http_conn.h) */

#endif
