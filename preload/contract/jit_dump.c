/* Reading jitdumps without the code in them. Its own file because it alone knows the format. */
#include "preload/contract/jit_dump.h"

#include <string.h>
#include <unistd.h>

bool jit_dump_is_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t digits = strncmp(name, "jit-", 4) == 0 ? strspn(name + 4, "0123456789") : 0;
    return digits && strcmp(name + 4 + digits, ".dump") == 0;
}

/* Bytes of the record to be kept, 0: none. */
static uint64_t kept_of(const uint8_t *record, uint64_t there)
{
    struct jit_dump_prefix prefix;
    struct jit_dump_load load;
    memcpy(&prefix, record, sizeof prefix);
    if (prefix.id > JIT_DUMP_CLOSE)
        return 0;
    if (prefix.id != JIT_DUMP_LOAD)
        return prefix.total_size;
    if (there < sizeof prefix + sizeof load || prefix.total_size < sizeof prefix + sizeof load)
        return 0;
    memcpy(&load, record + sizeof prefix, sizeof load);
    /* Some leave the code out themselves. */
    uint64_t most = prefix.total_size - sizeof prefix - sizeof load;
    return load.size < most ? prefix.total_size - load.size : prefix.total_size;
}

/* The header is taken as it is. */
static uint64_t header_size(const uint8_t *bytes, size_t there)
{
    struct jit_dump_header header;
    if (there < sizeof header)
        return 0;
    memcpy(&header, bytes, sizeof header);
    bool sound = header.magic == JIT_DUMP_MAGIC && header.total_size >= sizeof header &&
                 header.total_size <= JIT_DUMP_BLOCK;
    return sound ? header.total_size : 0;
}

/* One record, or the header, of which `there` bytes are in the block. False when it is not whole
 * yet, or there is no room. */
static bool take(struct jit_dump_cut *cut, const uint8_t *record, size_t there)
{
    uint64_t total, kept;
    if (!cut->at) {
        total = kept = header_size(record, there);
        cut->failed = !total;
    } else {
        struct jit_dump_prefix prefix;
        memcpy(&prefix, record, sizeof prefix);
        total = prefix.total_size;
        kept = kept_of(record, there);
        cut->failed = total < sizeof prefix;
    }
    bool fits = kept <= JIT_DUMP_BLOCK && kept <= total && kept <= cut->room;
    kept = fits ? kept : 0;
    if (cut->failed || total > cut->size - cut->at || kept > there ||
        kept > cut->room - cut->filled)
        return false;
    memcpy(cut->to + cut->filled, record, kept);
    cut->filled += kept;
    cut->at += total;
    return true;
}

/* True when the block gave something. */
static bool read_block(struct jit_dump_cut *cut)
{
    uint64_t left = cut->size - cut->at;
    size_t size = left < JIT_DUMP_BLOCK ? (size_t)left : JIT_DUMP_BLOCK;
    ssize_t got = pread(cut->fd, cut->block, size, (off_t)cut->at);
    size_t there = got > 0 ? (size_t)got : 0, done = 0;
    const uint64_t first = cut->at;
    while (there - done >= sizeof(struct jit_dump_prefix) &&
           take(cut, cut->block + done, there - done)) {
        if (cut->at - first >= there)
            break;
        done = (size_t)(cut->at - first);
    }
    return cut->at > first && !cut->failed;
}

void jit_dump_read(struct jit_dump_cut *cut)
{
    while (cut->at < cut->size && cut->filled < cut->room && read_block(cut))
        ;
}
