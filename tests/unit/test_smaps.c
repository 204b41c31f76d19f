/* Unit tests of preload/smaps.c: text as the kernel writes it. */
#include "preload/smaps.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the kernel says of one area, in KiB. */
struct example {
    const char *head;
    int rss, anonymous, lazy, huge, hugetlb;
};

static struct smaps_area areas[64];
static size_t count;

static void on_area(void *context, const struct smaps_area *area)
{
    (void)context;
    cr_assert_lt(count, sizeof areas / sizeof *areas);
    areas[count++] = *area;
}

static void write_example(FILE *file, const struct example *example)
{
    fprintf(file, "%s\nSize:                128 kB\nRss:                 %d kB\n", example->head,
            example->rss);
    fprintf(file, "Pss:           3 kB\nAnonymous:           %d kB\n", example->anonymous);
    fprintf(file, "LazyFree:            %d kB\nAnonHugePages:       %d kB\n", example->lazy,
            example->huge);
    fprintf(file, "Shared_Hugetlb:        0 kB\nPrivate_Hugetlb:     %d kB\n", example->hugetlb);
    fprintf(file, "VmFlags: rd wr mr mw me ac \n");
}

/* `file` is closed. */
static bool read_file(FILE *file)
{
    rewind(file); /* writes it out as well */
    count = 0;
    bool read = smaps_read(fileno(file), on_area, NULL);
    fclose(file);
    return read;
}

static bool read_examples(const struct example *examples, size_t number)
{
    FILE *file = tmpfile();
    cr_assert(file);
    for (size_t i = 0; i < number; i++)
        write_example(file, &examples[i]);
    return read_file(file);
}

static bool read_text(const char *text)
{
    FILE *file = tmpfile();
    cr_assert(file);
    fputs(text, file);
    return read_file(file);
}

static void expect(const struct smaps_area *area, uint64_t start, uint64_t end,
                   enum smaps_kind kind, bool writable, bool shared, const char *path)
{
    cr_expect_eq(area->start, start);
    cr_expect_eq(area->end, end);
    cr_expect_eq(area->kind, kind);
    cr_expect_eq(area->writable, writable);
    cr_expect_eq(area->shared, shared);
    cr_expect_str_eq(area->path, path);
}

Test(smaps, areas_and_their_sizes)
{
    static const struct example six[] = {
        {"55d0c0a00000-55d0c0a02000 r--p 00000000 fe:00 247134         /usr/bin/a b", 8, 0, 0, 0,
         0},
        {"55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0              [heap]", 100, 90, 0, 0, 0},
        {"7f0000000000-7f0000200000 rw-p 00000000 00:00 0 ", 2048, 2048, 12, 2048, 0},
        {"7f0000400000-7f0000800000 rw-p 00000000 00:0f 7  /anon_hugepage (deleted)", 0, 0, 0, 0,
         4096},
        {"7f0001000000-7f0001001000 rw-s 00000000 00:01 9      /dev/shm/x", 4, 0, 0, 0, 0},
        {"7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0              [stack]", 16, 16, 0, 0, 0},
    };
    cr_assert(read_examples(six, 6));
    cr_assert_eq(count, 6);
    expect(&areas[0], 0x55d0c0a00000, 0x55d0c0a02000, SMAPS_FILE, false, false, "/usr/bin/a b");
    expect(&areas[1], 0x55d0c1000000, 0x55d0c1021000, SMAPS_BREAK, true, false, "[heap]");
    cr_expect(areas[1].sized);
    cr_expect_eq(areas[1].resident, 100 << 10);
    cr_expect_eq(areas[1].anonymous, 90 << 10);
    expect(&areas[2], 0x7f0000000000, 0x7f0000200000, SMAPS_ANONYMOUS, true, false, "");
    cr_expect_eq(areas[2].lazy, 12 << 10);
    cr_expect_eq(areas[2].huge, 2048 << 10);
    cr_expect_eq(areas[3].resident, 0);
    cr_expect_eq(areas[3].hugetlb, 4096 << 10);
    expect(&areas[4], 0x7f0001000000, 0x7f0001001000, SMAPS_FILE, true, true, "/dev/shm/x");
    expect(&areas[5], 0x7ffd00000000, 0x7ffd00021000, SMAPS_STACK, true, false, "[stack]");
}

Test(smaps, a_name_given_to_anonymous_memory_makes_it_no_file)
{
    const struct example named = {
        "7f0000000000-7f0000200000 rw-p 00000000 00:00 0     [anon:arena]", 4, 4, 0, 0, 0};
    cr_assert(read_examples(&named, 1));
    cr_expect_eq(areas[0].kind, SMAPS_ANONYMOUS);
}

Test(smaps, a_long_path_is_known_by_its_end)
{
    char text[6000], path[4000], *end;
    memset(path, 'x', sizeof path);
    memcpy(path + sizeof path - 6, "/last", 6);
    path[0] = '/';
    snprintf(text, sizeof text, "1000-2000 r--p 00000000 fe:00 1    %s", path);
    cr_assert(read_examples(&(struct example){text, 4, 0, 0, 0, 0}, 1));
    cr_assert_eq(count, 1);
    cr_expect_eq(strlen(areas[0].path), SMAPS_PATH_MAX);
    end = areas[0].path + SMAPS_PATH_MAX - 5;
    cr_expect_str_eq(end, "/last");
    cr_expect_eq(areas[0].resident, 4096);
}

/* As /proc/PID/maps is. */
Test(smaps, areas_may_have_no_sizes)
{
    cr_assert(read_text("1000-2000 r--p 00000000 fe:00 1    /a\n2000-3000 rw-p 0 0:0 0\n"));
    cr_assert_eq(count, 2);
    cr_expect_not(areas[0].sized);
    expect(&areas[1], 0x2000, 0x3000, SMAPS_ANONYMOUS, true, false, "");
    cr_expect_not(read_text(""));
    cr_expect_not(smaps_read(-1, on_area, NULL));
}

/* An oracle: the kernel's own sum. */
static void on_any(void *context, const struct smaps_area *area)
{
    *(uint64_t *)context += area->resident;
}

Test(smaps, the_whole_of_this_process)
{
    uint64_t sum = 0, rollup = 0;
    char line[256];
    FILE *smaps = fopen("/proc/self/smaps", "r"), *file = fopen("/proc/self/smaps_rollup", "r");
    cr_assert(smaps && file);
    cr_assert(smaps_read(fileno(smaps), on_any, &sum));
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "Rss: %lu kB", &rollup) == 1)
            break;
    cr_expect(sum > 0 && rollup << 10 >= sum - (256 << 10) && rollup << 10 <= sum + (256 << 10));
    fclose(smaps);
    fclose(file);
}
