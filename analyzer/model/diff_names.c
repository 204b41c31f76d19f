/*
 * Matching of functions. Its own file because what counts as the same function is a rule of its
 * own, and can be tested without recordings.
 */
#include "analyzer/model/diff_names.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where functions of one name are, on each side. */
struct name_use {
    const char *place[2]; /* interned; NULL: on this side nowhere */
    bool many[2];
};

struct matching {
    struct profile *profile;
    const uint8_t *sides;
    struct key_table *names;
    struct name_use *uses; /* as many as there are frames at most */
    uint32_t *name_of;     /* of each frame, in `uses` */
    size_t name_count;
};

/* Holds no padding; strings are interned. Without a place: the name says all. */
struct group_key {
    const char *name, *place;
};

/* Last part of the path of the file, or of the module where that is not known; interned. */
static const char *place_of(struct profile *profile, const struct frame *frame)
{
    const char *path = frame->file != NULL ? frame->file : frame->module;
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    if (path == NULL)
        return strings_intern(profile->strings, "");
    return strings_intern(profile->strings, slash != NULL ? slash + 1 : path);
}

static void note_name(struct matching *matching, size_t frame)
{
    const char *name = matching->profile->frames[frame].function;
    const char *place = place_of(matching->profile, &matching->profile->frames[frame]);
    uint32_t number = key_table_add(matching->names, &name, (uint32_t)matching->name_count);

    matching->name_count += number == matching->name_count;
    for (unsigned side = 0; side < 2; side++) {
        struct name_use *use = &matching->uses[number];
        if ((matching->sides[frame] & 1u << side) == 0)
            continue;
        use->many[side] |= use->place[side] != NULL && use->place[side] != place;
        use->place[side] = place;
    }
    matching->name_of[frame] = number;
}

/* Of two frames of one function, whose place is told. */
static bool is_better(const struct matching *matching, size_t frame, size_t than)
{
    const uint8_t *sides = matching->sides;
    const struct frame *frames = matching->profile->frames;

    if (sides[frame] != sides[than])
        return sides[frame] > sides[than]; /* values first, and where it is now */
    return frames[than].decl_line == 0 && frames[frame].decl_line != 0;
}

/* Frames of what is one function get its file and module, and the line that is in that file. */
static void unite(struct matching *matching)
{
    struct profile *profile = matching->profile;
    struct key_table *groups = key_table_new(sizeof(struct group_key));
    size_t *chosen = memory_alloc((profile->frame_count + 1) * sizeof(*chosen));
    uint32_t *group_of = memory_alloc((profile->frame_count + 1) * sizeof(*group_of));
    uint32_t count = 0;

    for (size_t i = 0; i < profile->frame_count; i++) {
        const struct frame *frame = &profile->frames[i];
        const struct name_use *use = &matching->uses[matching->name_of[i]];
        bool alone =
            use->place[0] != NULL && use->place[1] != NULL && !use->many[0] && !use->many[1];
        struct group_key key = {frame->function, alone ? NULL : place_of(profile, frame)};
        group_of[i] = key_table_add(groups, &key, count);
        if (group_of[i] == count)
            chosen[count++] = i;
        else if (is_better(matching, i, chosen[group_of[i]]))
            chosen[group_of[i]] = i;
    }
    for (size_t i = 0; i < profile->frame_count; i++) {
        const struct frame *frame = &profile->frames[chosen[group_of[i]]];
        profile->frames[i].file = frame->file;
        profile->frames[i].module = frame->module;
        profile->frames[i].decl_line = frame->decl_line;
    }
    key_table_free(groups);
    free(chosen);
    free(group_of);
}

void diff_names_match(struct profile *profile, const uint8_t *sides)
{
    struct matching matching = {.profile = profile, .sides = sides};

    matching.names = key_table_new(sizeof(const char *));
    matching.uses = memory_alloc((profile->frame_count + 1) * sizeof(*matching.uses));
    matching.name_of = memory_alloc((profile->frame_count + 1) * sizeof(*matching.name_of));
    for (size_t i = 0; i < profile->frame_count; i++)
        note_name(&matching, i);
    unite(&matching);
    key_table_free(matching.names);
    free(matching.uses);
    free(matching.name_of);
}
