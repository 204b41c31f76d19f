/*
 * The part of tar (POSIX ustar) that archives need: regular files with short names. Written and
 * read here because libarchive, which could, brings libxml2, ICU, nettle, lzma and five more
 * libraries into every `profinject record` (1.9 ms to start instead of 0.8) and reads a dozen
 * kinds of member that an archive must not have.
 */
#ifndef PROFINJECT_UTIL_TAR_FORMAT_H
#define PROFINJECT_UTIL_TAR_FORMAT_H

#include <assert.h>

#define TAR_BLOCK 512

/* Of a directory, and of a file in it; there is no deeper one. */
#define TAR_PREFIX_MAX 100
#define TAR_NAME_MAX 100

/* What eleven octal digits can say. */
#define TAR_SIZE_MAX ((UINT64_C(1) << 33) - 1)

#define TAR_MAGIC "ustar" /* with its NUL; then "00" */
#define TAR_REGULAR '0'

/* Numbers are octal digits, texts end at a NUL or at the field's end. */
struct tar_header {
    char name[100];
    char mode[8], uid[8], gid[8];
    char size[12], mtime[12];
    char checksum[8]; /* sum of all bytes, with blanks for this field */
    char type;
    char link[100];
    char magic[6], version[2];
    char owner[32], group[32], major[8], minor[8];
    char prefix[155];
    char padding[12];
};

static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is a block");

static inline unsigned tar_checksum(const struct tar_header *header)
{
    const unsigned char *bytes = (const unsigned char *)header;
    const unsigned char *skip = (const unsigned char *)header->checksum;
    unsigned sum = 0;

    for (const unsigned char *at = bytes; at < bytes + TAR_BLOCK; at++)
        sum += at >= skip && at < skip + sizeof(header->checksum) ? ' ' : *at;
    return sum;
}

#endif
