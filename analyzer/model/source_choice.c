/*
 * From what was typed to files and frames. Its own file so that text and JSON show the same.
 */
#include "analyzer/model/source_choice.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* True of the whole path, or a part at its end that begins behind a '/'. */
static bool ends_in(const char *path, const char *pattern)
{
    size_t length = strlen(path), part = strlen(pattern);

    if (part == 0 || part > length || strcmp(path + length - part, pattern) != 0)
        return false;
    return part == length || path[length - part - 1] == '/';
}

static void add_file(struct source_choice *choice, const char *file)
{
    for (size_t i = 0; i < choice->file_count; i++)
        if (choice->files[i] == file)
            return;
    choice->files = memory_grow(choice->files, choice->file_count, &choice->file_capacity,
                                sizeof(*choice->files));
    choice->files[choice->file_count++] = file;
}

static void choose_files(struct source_choice *choice, const struct profile *profile,
                         const char *pattern)
{
    for (size_t i = 0; i < profile->frame_count; i++) {
        const char *file = profile->frames[i].file;
        if (file == NULL || !ends_in(file, pattern))
            continue;
        add_file(choice, file);
        choice->is_wanted[i] = choice->is_file = true;
    }
}

static void choose_function(struct source_choice *choice, const struct profile *profile,
                            const struct labels *labels)
{
    for (size_t i = 0; i < profile->frame_count; i++) {
        const struct frame *frame = &profile->frames[i];
        if (!choice->match.is_in[labels->of_frame[i]])
            continue;
        choice->is_wanted[i] = true;
        if (frame->file == NULL || frame->line == 0)
            continue;
        add_file(choice, frame->file);
        /* It is declared above its own code, not above what was included into it. */
        if (frame->decl_line != 0 && frame->decl_line <= frame->line &&
            (choice->decl_line == 0 || frame->file == choice->decl_file)) {
            choice->decl_file = frame->file;
            choice->decl_line = frame->decl_line;
        }
    }
}

void source_choice_init(struct source_choice *choice, const struct profile *profile,
                        const struct labels *labels, const char *pattern)
{
    *choice = (struct source_choice){.is_wanted = memory_alloc(profile->frame_count + 1)};
    choose_files(choice, profile, pattern);
    function_match_init(&choice->match, labels, pattern);
    if (!choice->is_file && choice->match.count == 1)
        choose_function(choice, profile, labels);
}

void source_choice_release(struct source_choice *choice)
{
    free(choice->files);
    free(choice->is_wanted);
    function_match_release(&choice->match);
}
