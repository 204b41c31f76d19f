/*
 * Archives, behind their compression: an input is the tar archive, with the sums of its headers
 * and the hashes of its stores made right.
 */
#include "analyzer/load/archive_reader.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/tar_format.h"
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <zstd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define STORE_HEADER 128

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    return walk->level > 0 ? remove(path) : 0;
}

static void mend_header(uint8_t *block)
{
    struct tar_header header;

    memcpy(&header, block, sizeof(header));
    if (memcmp(header.magic, TAR_MAGIC, strlen(TAR_MAGIC)) != 0)
        return;
    snprintf(header.checksum, sizeof(header.checksum), "%06o", tar_checksum(&header));
    memcpy(block, &header, sizeof(header));
}

/* Where its size says it ends. */
static void mend_store(uint8_t *block, size_t left)
{
    uint64_t size;

    if (left < STORE_HEADER || memcmp(block, "pjsymbol", 8) != 0)
        return;
    memcpy(&size, block + 16, sizeof(size));
    if (size < 16 || size > left)
        return;
    uint64_t hash = XXH64(block + 16, size - 16, 0);
    memcpy(block + 8, &hash, sizeof(hash));
}

static void mend(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + TAR_BLOCK <= size; at += TAR_BLOCK) {
        mend_header(bytes + at);
        mend_store(bytes + at, size - at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct symbol_archive symbols = {0};
    struct problem problem = {0};
    unsigned recordings = 0;
    size_t room = ZSTD_compressBound(size);
    uint8_t *plain = malloc(size + 1), *packed = malloc(room);

    if (plain == NULL || packed == NULL)
        abort();
    memcpy(plain, data, size);
    mend(plain, size);
    size_t length = ZSTD_compress(packed, room, plain, size, 1);
    int status = archive_reader_unpack(fuzz_file(packed, length), fuzz_directory(), 1, &symbols,
                                       &recordings, &problem);
    if ((status == 0) != (problem.code == 0) || (status != 0 && *problem.text == '\0'))
        abort();
    for (size_t i = 0; i < symbols.count; i++)
        fuzz_touch(symbol_store_key(symbols.items[i].store),
                   strlen(symbol_store_key(symbols.items[i].store)));
    nftw(fuzz_directory(), remove_one, 8, FTW_DEPTH | FTW_PHYS);
    symbol_archive_release(&symbols);
    free(plain);
    free(packed);
    return 0;
}
