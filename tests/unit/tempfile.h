/* tempfile.h -- files of a test's own, in a folder that goes with it. */
#ifndef RB_TESTS_TEMPFILE_H
#define RB_TESTS_TEMPFILE_H

#include <stddef.h>

/* tempfile_open, tempfile_close: .init and .fini of a test. */
void tempfile_open(void);
void tempfile_close(void);

/* Both: the path, good until the next call. */
const char *tempfile_write(const char *name, const char *data, size_t len);
const char *tempfile_text(const char *name, const char *text);

/* tempfile_folder: the folder. */
const char *tempfile_folder(void);

#endif
