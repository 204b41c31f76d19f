/*
 * Suppression files of anybody's making. Every pattern is tried on names of the kinds that
 * occur, and on what the file itself says.
 */
#include "analyzer/model/suppressions.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const names[] = {"", "malloc", "ns::pool<int*>::get(char const*)",
                                 "/lib/libc.so.6"};
    struct suppressions suppressions;
    struct problem problem;

    if (suppressions_read(&suppressions, fuzz_file(data, size), &problem) != 0)
        abort();
    for (size_t i = 0; i < suppressions.count; i++) {
        const char *pattern = suppressions.rules[i].pattern;
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
            fuzz_sum += suppression_matches(pattern, names[n]);
        /* What holds no star or anchor matches itself. */
        if (*pattern != '\0' && strpbrk(pattern, "^*$") == NULL &&
            !suppression_matches(pattern, pattern))
            abort();
    }
    suppressions_release(&suppressions);
    return 0;
}
