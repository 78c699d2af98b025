/* site_call.h -- what the rooms of the site harness share with each other, and
 * the test that compares the functions' headers with what they said. */
#ifndef RB_TESTS_HARNESS_SITE_CALL_H
#define RB_TESTS_HARNESS_SITE_CALL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct reply;

#define SITE_ROOT "rb:{t}"
#define SITE_RING 64
#define SITE_ARGS 600

_Noreturn void site_fail(const char *what, const char *why);
struct reply *site_ring_new(void);
void site_ring_free(struct reply *); /* NULL is allowed */
/* site_collect: the strings of ap, after the n that argv has; returns how many.
 */
int site_collect(const char **argv, int n, va_list ap);

/* site_words_of: where in the library's text the words of "rb1_x" begin;
 * site_words_next: the next of them; false after the last. */
const char *site_words_of(const char *function);
bool site_words_next(const char **at, char *word, size_t size);

#endif
