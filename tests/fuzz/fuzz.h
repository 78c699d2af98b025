/* fuzz.h -- a fuzz target: bytes from outside go in, nothing may break.  The
 * same targets run under libFuzzer (`make fuzz`) and over their corpora in
 * `make check`, where no clang is needed. */
#ifndef RB_TESTS_FUZZ_H
#define RB_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void fuzz_run(const uint8_t *, size_t);

/* FUZZ(name) { ... data, len ... }: makes the target known under that name,
 * which is also the name of its corpus and of its dictionary. */
#define FUZZ(name)                                                     \
	static fuzz_run fuzz_##name;                                   \
	__attribute__((constructor)) static void fuzz_add_##name(void) \
	{                                                              \
		fuzz_add(#name, fuzz_##name);                          \
	}                                                              \
	static void fuzz_##name(const uint8_t *data, size_t len)

void fuzz_add(const char *name, fuzz_run *);

/* fuzz_count, fuzz_name: what there is.  fuzz_find: NULL where it is none. */
size_t fuzz_count(void);
const char *fuzz_name(size_t i);
fuzz_run *fuzz_find(const char *name);

/* fuzz_text: a copy that ends with a NUL right behind the last byte, so that a
 * sanitizer sees who reads on.  free(). */
char *fuzz_text(const uint8_t *, size_t len);
/* fuzz_cut: takes the next text, up to a NUL byte or the end, out of the data;
 * free().  Behind the end it gives "". */
char *fuzz_cut(const uint8_t **data, size_t *len);
/* fuzz_byte: takes one byte; 0 behind the end. */
unsigned fuzz_byte(const uint8_t **data, size_t *len);

/* fuzz_file: the bytes as a file in memory; the path is good until the next
 * call.  Of another inode or time than the one before. */
const char *fuzz_file(const uint8_t *, size_t len);

/* fuzz_must: ends the program where something that always holds does not. */
#define fuzz_must(holds) \
	((holds) ? (void)0 : fuzz_broken(#holds, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* fuzz_clean: nothing that would steer a terminal: no control characters but
 * the line feed, no bidirectional overrides. */
bool fuzz_clean(const char *, size_t len);

#endif
