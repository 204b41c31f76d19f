/*
 * Grouping of frames and cleaning of names. Its own file because trees and
 * tables must agree on which frames are one function.
 */
#include "analyzer/model/labels.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Holds no padding: key_table compares bytes. Names and places are interned. */
struct label_key {
    const char *name, *place;
    uint64_t kind; /* 1 + enum frame_kind, or 0: no matter */
};

static const char *clean_name(struct labels *labels, const char *name, bool folded)
{
    char *clean = utf8_clean(name);

    if (folded) {
        for (char *c = clean; (c = strchr(c, ';')) != NULL;)
            *c = ':';
    }
    /* A blank frame would be lost between separators. */
    const char *shown = clean[strspn(clean, " ")] != '\0' ? clean : "[no name]";
    const char *interned = strings_intern(labels->names, shown);
    free(clean);
    return interned;
}

static uint32_t append(struct labels *labels, const struct label *label)
{
    labels->items =
        memory_grow(labels->items, labels->count, &labels->capacity, sizeof(*labels->items));
    labels->items[labels->count] = *label;
    return (uint32_t)labels->count++;
}

static struct label_key frame_key(const struct frame *frame, const char *name,
                                  enum label_identity identity)
{
    struct label_key key = {.name = name};

    if (identity != LABEL_BY_NAME)
        key.place = frame->file != NULL ? frame->file : frame->module;
    if (identity == LABEL_BY_KIND)
        key.kind = 1 + (uint64_t)frame->kind;
    return key;
}

static void complete(struct label *label, const struct frame *frame)
{
    if (label->module == NULL)
        label->module = frame->module;
    if (label->file == NULL)
        label->file = frame->file;
    if (label->line == 0)
        label->line = frame->decl_line;
}

static void label_frames(struct labels *labels, const struct profile *profile,
                         enum label_identity identity)
{
    struct key_table *table = key_table_new(sizeof(struct label_key));

    labels->of_frame = memory_alloc(profile->frame_count * sizeof(*labels->of_frame));
    for (size_t i = 0; i < profile->frame_count; i++) {
        const struct frame *frame = &profile->frames[i];
        const char *name = clean_name(labels, frame->function, identity == LABEL_BY_NAME);
        struct label_key key = frame_key(frame, name, identity);
        uint32_t number = key_table_add(table, &key, (uint32_t)labels->count);
        if (number == labels->count)
            append(labels, &(struct label){.name = name, .kind = frame->kind});
        complete(&labels->items[number], frame);
        labels->of_frame[i] = number;
    }
    key_table_free(table);
}

static char *root_name(const struct profile *profile, const struct profile_thread *thread,
                       enum label_root root)
{
    const struct profile_process *process = &profile->processes[thread->process];

    if (root == LABEL_ROOT_COMMAND)
        return memory_strdup(process->comm);
    if (root == LABEL_ROOT_PROCESS)
        return memory_printf("%s (%d)", process->comm, process->pid);
    return memory_printf("%s (%d)", thread->name, thread->tid);
}

static void label_threads(struct labels *labels, const struct profile *profile,
                          enum label_root root)
{
    struct key_table *table = key_table_new(sizeof(const char *));

    labels->of_thread = memory_alloc(profile->thread_count * sizeof(*labels->of_thread));
    for (size_t i = 0; i < profile->thread_count; i++) {
        char *raw = root_name(profile, &profile->threads[i], root);
        const char *name = clean_name(labels, raw, true);
        uint32_t number = key_table_add(table, &name, (uint32_t)labels->count);
        if (number == labels->count)
            append(labels, &(struct label){.name = name, .kind = FRAME_MARK});
        labels->of_thread[i] = number;
        free(raw);
    }
    key_table_free(table);
}

void labels_init(struct labels *labels, const struct profile *profile, enum label_identity identity,
                 enum label_root root)
{
    *labels = (struct labels){.names = strings_new()};
    label_frames(labels, profile, identity);
    if (root != LABEL_ROOT_NONE)
        label_threads(labels, profile, root);
}

void labels_release(struct labels *labels)
{
    free(labels->items);
    free(labels->of_frame);
    free(labels->of_thread);
    strings_free(labels->names);
}
