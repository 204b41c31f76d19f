/*
 * The recordings of an archive before it is one: clean copies in a directory, without what is
 * nobody's business elsewhere. A recording that is being written is copied as it is now.
 */
#ifndef PROFINJECT_COMMANDS_ARCHIVE_STAGE_H
#define PROFINJECT_COMMANDS_ARCHIVE_STAGE_H

#include "analyzer/load/sources.h"

#include <stdbool.h>

struct archive_stage {
    struct scratch_directory scratch;
    unsigned recordings; /* directories in it: 1, 2, ... */
    char **paths;        /* what to load: recordings, or traces where there is no manifest */
    size_t path_count, path_capacity;
};

/*
 * Copies the traces of `sources` and what lies beside them. Traces that cannot be read are told
 * on stderr. 0, or a problem: nothing could be read, or the copy not be written. To be released
 * in either case.
 */
int archive_stage_init(struct archive_stage *stage, const struct sources *sources, bool with_args,
                       struct problem *problem);
void archive_stage_release(struct archive_stage *stage);

#endif
