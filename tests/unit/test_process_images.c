/* Images of one process are put in order, and the last one ends as the manifest says. */
#include "analyzer/load/process_images.h"

#include <criterion/criterion.h>

static const struct source here = {
    .directory = {1, 1},
    .manifest = {.pid = 10, .end = MANIFEST_END_SIGNAL, .end_status = 11},
};
static const struct source elsewhere = {.directory = {1, 2}, .manifest = {.pid = 0}};

static struct process_image image(const struct source *source, int32_t pid, uint64_t start,
                                  enum process_end end)
{
    return (struct process_image){
        .source = source,
        .trace.process = {.pid = pid, .start_ns = start, .end = end},
    };
}

Test(process_images, exec_makes_the_next_image_of_a_process)
{
    struct process_image images[] = {
        image(&here, 10, 300, END_UNKNOWN), image(&here, 20, 150, END_EXIT),
        image(&here, 10, 100, END_EXEC),    image(&here, 20, 250, END_EXEC),
        image(&here, 10, 200, END_EXEC),    image(&here, 20, 400, END_EXIT),
    };
    static const uint32_t numbers[] = {0, 0, 1, 0, 2, 1}; /* by start; pid 20 was used twice */
    static const uint64_t starts[] = {100, 150, 200, 250, 300, 400};

    process_images_connect(images, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_expect_eq(images[i].trace.process.start_ns, starts[i]);
        cr_expect_eq(images[i].trace.process.image, numbers[i], "start %zu", (size_t)starts[i]);
    }
}

Test(process_images, recordings_have_nothing_to_do_with_each_other)
{
    struct process_image images[] = {
        image(&here, 10, 100, END_EXEC),
        image(&elsewhere, 10, 200, END_EXIT),
    };

    process_images_connect(images, 2);
    cr_expect_eq(images[1].trace.process.image, 0);
    cr_expect_eq(images[0].trace.process.end, END_SIGNAL, "the last one of its recording");
    cr_expect_eq(images[1].trace.process.end, END_EXIT);
}

Test(process_images, the_manifest_tells_the_end_of_the_last_image_of_the_command)
{
    struct process_image images[] = {
        image(&here, 10, 100, END_EXEC),
        image(&here, 10, 200, END_UNKNOWN),
        image(&here, 20, 300, END_UNKNOWN),
    };

    process_images_connect(images, 3);
    cr_expect_eq(images[0].trace.process.end, END_EXEC);
    cr_expect_eq(images[1].trace.process.end, END_SIGNAL);
    cr_expect_eq(images[1].trace.process.end_status, 11);
    cr_expect_eq(images[2].trace.process.end, END_UNKNOWN, "another process");
}

Test(process_images, a_sleeper_that_was_killed_lived_until_then)
{
    struct source source = here;
    struct process_image images[] = {image(&source, 10, 100, END_UNKNOWN),
                                     image(&source, 20, 100, END_UNKNOWN)};

    for (size_t i = 0; i < 2; i++)
        images[i].trace.process.end_ns = 300;
    source.manifest.ended_ns = 9000;
    process_images_connect(images, 2);
    cr_expect_eq(images[0].trace.process.end_ns, 9000);
    cr_expect_eq(images[1].trace.process.end_ns, 300, "another process");
    source.manifest.ended_ns = 200; /* of an older recorder, or another boot */
    process_images_connect(images, 2);
    cr_expect_eq(images[0].trace.process.end_ns, 9000, "what the trace says is not taken back");
}

Test(process_images, its_own_word_for_an_exit_comes_first)
{
    struct process_image images[] = {image(&here, 10, 100, END_EXIT)};

    process_images_connect(images, 1);
    cr_expect_eq(images[0].trace.process.end, END_EXIT);
    process_images_connect(images, 0);
}
