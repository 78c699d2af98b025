#include "daemon/store/journal_bytes.h"

#include <endian.h>
#include <string.h>

#include <zlib.h>

void
journal_put32(void *to, uint32_t n)
{
	n = htole32(n);
	memcpy(to, &n, sizeof n);
}

void
journal_put64(void *to, uint64_t n)
{
	n = htole64(n);
	memcpy(to, &n, sizeof n);
}

uint32_t
journal_get32(const void *from)
{
	uint32_t n;

	memcpy(&n, from, sizeof n);
	return le32toh(n);
}

uint64_t
journal_get64(const void *from)
{
	uint64_t n;

	memcpy(&n, from, sizeof n);
	return le64toh(n);
}

uint32_t
journal_crc(const void *bytes, size_t len)
{
	return (uint32_t)crc32_z(0, bytes, len);
}
