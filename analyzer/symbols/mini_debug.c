/*
 * mini_debug.h over liblzma.
 */
#include "analyzer/symbols/mini_debug.h"

#include "analyzer/util/memory.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

#define SECTION ".gnu_debugdata"

/* Tables met in practice are below a tenth of this. */
#define UNPACKED_MAX ((size_t)64 << 20)

/* Of the decoder: xz -9, which nobody uses for this, needs 65 MiB. */
#define MEMORY_MAX ((uint64_t)128 << 20)

/* Decodes into mini->bytes, which grow; their number, 0 when it cannot be done. */
static size_t decode(struct mini_debug *mini, lzma_stream *stream)
{
    size_t capacity = 0, size = 0;
    lzma_ret result = LZMA_OK;

    while (result == LZMA_OK && capacity < UNPACKED_MAX) {
        capacity = capacity == 0 ? (size_t)1 << 16 : capacity * 2;
        mini->bytes = memory_resize(mini->bytes, capacity);
        stream->next_out = mini->bytes + size;
        stream->avail_out = capacity - size;
        result = lzma_code(stream, LZMA_FINISH);
        size = capacity - stream->avail_out;
    }
    return result == LZMA_STREAM_END ? size : 0;
}

static size_t unpack(struct mini_debug *mini, const uint8_t *packed, size_t packed_size)
{
    lzma_stream stream = LZMA_STREAM_INIT;
    size_t size;

    if (lzma_stream_decoder(&stream, MEMORY_MAX, 0) != LZMA_OK)
        return 0;
    stream.next_in = packed;
    stream.avail_in = packed_size;
    size = decode(mini, &stream);
    lzma_end(&stream);
    return size;
}

int mini_debug_init(struct mini_debug *mini, const struct elf_image *image)
{
    size_t packed_size = 0, size;
    const uint8_t *packed = elf_image_bytes(image, SECTION, &packed_size);
    struct problem ignored = {0};
    int result = PROBLEM_DATA;

    memset(mini, 0, sizeof(*mini));
    if (packed == NULL)
        return PROBLEM_NOTHING;
    size = unpack(mini, packed, packed_size);
    if (size > 0)
        result = elf_image_init_memory(&mini->image, mini->bytes, size, SECTION, &ignored);
    if (result != 0) {
        free(mini->bytes);
        mini->bytes = NULL;
    }
    return result;
}

void mini_debug_release(struct mini_debug *mini)
{
    elf_image_release(&mini->image);
    free(mini->bytes);
    mini->bytes = NULL;
}
