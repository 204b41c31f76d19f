/*
 * process_images.h. Its own file because no trace can know it alone: an image is
 * gone before the next one starts, and who is killed writes nothing.
 */
#include "analyzer/load/process_images.h"

#include <stdlib.h>

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_starts(const void *left, const void *right)
{
    const struct process_image *a = left, *b = right;

    return COMPARE(a->trace.process.start_ns, b->trace.process.start_ns);
}

/* 0 for what has the same pid in the same recording. */
static int compare_processes(const struct process_image *a, const struct process_image *b)
{
    const struct file_identity *x = &a->source->directory, *y = &b->source->directory;

    if (x->device != y->device)
        return COMPARE(x->device, y->device);
    if (x->inode != y->inode)
        return COMPARE(x->inode, y->inode);
    return COMPARE(a->trace.process.pid, b->trace.process.pid);
}

static int compare_images(const void *left, const void *right)
{
    int order = compare_processes(left, right);

    return order != 0 ? order : compare_starts(left, right);
}

/* The command itself cannot say that it was killed, nor when, if it had slept before; record
 * can. */
static void tell_end(struct process_image *image)
{
    const struct manifest *manifest = &image->source->manifest;
    struct profile_process *process = &image->trace.process;

    if (process->pid != manifest->pid || manifest->end == MANIFEST_END_NONE ||
        process->end == END_EXIT)
        return;
    process->end = manifest->end == MANIFEST_END_SIGNAL ? END_SIGNAL : END_EXIT;
    process->end_status = manifest->end_status;
    if (manifest->ended_ns > process->end_ns)
        process->end_ns = manifest->ended_ns;
    process->death.undated = false;
}

void process_images_connect(struct process_image *images, size_t count)
{
    qsort(images, count, sizeof(*images), compare_images);
    for (size_t i = 0; i < count; i++) {
        bool has_before = i > 0 && compare_processes(&images[i - 1], &images[i]) == 0;
        bool follows = has_before && images[i - 1].trace.process.end == END_EXEC;
        images[i].trace.process.image = follows ? images[i - 1].trace.process.image + 1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (i + 1 == count || compare_processes(&images[i], &images[i + 1]) != 0)
            tell_end(&images[i]);
    }
    qsort(images, count, sizeof(*images), compare_starts);
}
