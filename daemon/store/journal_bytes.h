/* journal_bytes.h -- numbers in the journal's files: little-endian, and the
 * CRC-32 of zlib. */
#ifndef RB_STORE_JOURNAL_BYTES_H
#define RB_STORE_JOURNAL_BYTES_H

#include <stddef.h>
#include <stdint.h>

void journal_put32(void *to, uint32_t);
void journal_put64(void *to, uint64_t);
uint32_t journal_get32(const void *from);
uint64_t journal_get64(const void *from);
uint32_t journal_crc(const void *, size_t len);

#endif
