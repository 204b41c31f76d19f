/*
 * Asks the C library's allocator about itself and prints what must not depend on
 * who listens: usable sizes, what malloc_trim and mallinfo2 say, what M_PERTURB
 * writes into blocks.
 *
 *     allocator_facts [perturb]
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_usable_sizes(void)
{
    static const size_t sizes[] = {0, 1, 24, 25, 100, 1000, 1032, 4096, 65536, 200000, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *block = malloc(sizes[i]);
        void *aligned = aligned_alloc(64, (sizes[i] + 63) / 64 * 64 + 64);
        size_t usable = malloc_usable_size(block);
        memset(block, 1, usable);
        /* How much more an aligned block gets depends on what lay there before. */
        size_t more = malloc_usable_size(aligned) - ((sizes[i] + 63) / 64 * 64 + 64);
        printf("%zu: %zu, aligned %s\n", sizes[i], usable, more < 4096 ? "enough" : "wrong");
        free(block);
        free(aligned);
    }
    printf("null: %zu\n", malloc_usable_size(NULL));
}

static void say_statistics(void)
{
    struct mallinfo2 before = mallinfo2();
    void *blocks[100];
    for (int i = 0; i < 100; i++)
        blocks[i] = malloc(3000);
    struct mallinfo2 during = mallinfo2();
    for (int i = 0; i < 100; i++)
        free(blocks[i]);
    printf("in use by 100 blocks of 3000: %zu\n", during.uordblks - before.uordblks);
    printf("given back: %zu\n", during.uordblks - mallinfo2().uordblks);
    printf("trimmed: %d\n", malloc_trim(0));
}

static void say_perturbed(void)
{
    mallopt(M_PERTURB, 0x5a);
    unsigned char *block = malloc(2000), *cleared = calloc(1, 2000);
    printf("malloc %02x, calloc %02x\n", block[1000], cleared[1000]);
    free(block);
    free(cleared);
}

/* Enough CPU time to be sampled in the middle of it. */
static void allocate_for_a_while(void)
{
    void *volatile blocks[256] = {0};
    for (unsigned i = 0; i < 6000000; i++) {
        free(blocks[i % 256]);
        blocks[i % 256] = malloc(1 + i * 7919 % 3000);
    }
    for (int i = 0; i < 256; i++)
        free(blocks[i]);
}

int main(int argc, char **argv)
{
    say_usable_sizes();
    if (argc > 1 && strcmp(argv[1], "perturb") == 0)
        say_perturbed();
    allocate_for_a_while();
    if (argc == 1)
        say_statistics();
    return 0;
}
