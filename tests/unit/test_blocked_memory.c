/* Memory copied through /proc/self/mem: right where it is, an error code where not. */
#include "preload/blocked_memory.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct blocked_memory memory;

static void start(void)
{
    int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

    cr_assert_geq(fd, 0);
    blocked_memory_init(&memory, fd);
}

TestSuite(blocked_memory, .init = start);

Test(blocked_memory, words_are_what_is_there)
{
    size_t count = 3 * BLOCKED_WINDOW / sizeof(uint64_t);
    uint64_t *words = aligned_alloc(8, count * sizeof(*words)), word;

    for (size_t i = 0; i < count; i++)
        words[i] = i * 0x0101010101010101u;
    for (size_t i = 0; i < count; i++) {
        cr_assert(blocked_memory_word(&memory, (uint64_t)&words[i], &word));
        cr_assert_eq(word, words[i]);
    }
    cr_assert(blocked_memory_word(&memory, (uint64_t)&words[0], &word), "and back");
    cr_assert_eq(word, 0);
    cr_assert_not(blocked_memory_word(&memory, (uint64_t)words + 4, &word), "not aligned");
    free(words);
}

Test(blocked_memory, ends_where_the_mapping_does)
{
    uint8_t *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t word, bytes[2];

    cr_assert_eq(munmap(pages + 4096, 4096), 0);
    cr_assert(blocked_memory_word(&memory, (uint64_t)pages + 4088, &word));
    cr_assert_not(blocked_memory_word(&memory, (uint64_t)pages + 4096, &word));
    cr_assert(blocked_memory_bytes(&memory, (uint64_t)pages + 4080, bytes, 16));
    cr_assert_not(blocked_memory_bytes(&memory, (uint64_t)pages + 4088, bytes, 16));
    cr_assert_not(blocked_memory_word(&memory, 0, &word));
    cr_assert_not(blocked_memory_word(&memory, ~7ull, &word));
}
