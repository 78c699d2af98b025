/* pbx.h -- a scripted telephone system: listens at a free port of 127.0.0.1, on
 * the test's own loop, and speaks by itself only what the test says.  One
 * client is spoken with, the newest; the others go on being read.
 *
 * Functions with limit_ms run the loop until what they wait for is there.  What
 * cannot be done ends the test at once (abort). */
#ifndef RB_TESTS_HARNESS_PBX_H
#define RB_TESTS_HARNESS_PBX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct pbx;

struct pbx *pbx_start(struct event_base *);
/* pbx_start_tls: with FOLDER/NAME.pem and .key, see certs.h. */
struct pbx *pbx_start_tls(struct event_base *, const char *folder,
			  const char *name);
void pbx_stop(struct pbx *); /* NULL is allowed */

uint16_t pbx_port(const struct pbx *);
const char *pbx_address(const struct pbx *); /* "127.0.0.1:PORT" */

/* ---- who came ------------------------------------------------------------ */
/* pbx_came: that so many clients have connected since it started (with TLS:
 * and greeted). */
bool pbx_came(struct pbx *, int times, int limit_ms);
int pbx_times(const struct pbx *);         /* how many did */
bool pbx_gone(struct pbx *, int limit_ms); /* the newest hung up */

/* ---- what it says -------------------------------------------------------- */
/* pbx_line: the client's next line, without its end; NULL: none came. */
const char *pbx_line(struct pbx *, int limit_ms);
/* pbx_block: its next lines up to a blank one, each with "\n" behind it: an
 * action of AMI, a command of the event socket; "" where none came whole. */
const char *pbx_block(struct pbx *, int limit_ms);
const char *pbx_last(const struct pbx *); /* the last block again */
/* pbx_field: of the last block, what follows "NAME: "; "" where none. */
const char *pbx_field(const struct pbx *, const char *name);
/* pbx_asked: takes blocks until one has a line that begins with these words. */
bool pbx_asked(struct pbx *, const char *line, int limit_ms);
/* Both are borrowed until the next line, block or client. */

/* ---- what is said to it -------------------------------------------------- */
void pbx_say(struct pbx *, const char *text);
void pbx_sayf(struct pbx *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void pbx_send(struct pbx *, const char *bytes, size_t len);
/* pbx_pieces: so many bytes at a time, each on the wire before the next. */
void pbx_pieces(struct pbx *, const char *bytes, size_t len, size_t piece);
/* pbx_flood: the same text so often, never more than a megabyte of it in our
 * memory; true: all of it is on the wire. */
bool pbx_flood(struct pbx *, const char *text, int times, int limit_ms);
/* pbx_flush: what was said is on the wire; false: the client is gone, or takes
 * no more. */
bool pbx_flush(struct pbx *, int limit_ms);

/* ---- what goes wrong ----------------------------------------------------- */
void pbx_drop(struct pbx *);  /* hangs up */
void pbx_reset(struct pbx *); /* the same with RST */
/* pbx_refuse: connections are refused, or taken again, at the same port. */
void pbx_refuse(struct pbx *, bool refuse);
/* pbx_stall: reads nothing more of this client, or goes on. */
void pbx_stall(struct pbx *, bool stall);

#endif
