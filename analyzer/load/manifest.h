/*
 * What a reader wants of a recording's manifest (preload/contract/recording.h):
 * when it was made and how the command that `profinject record` started ended.
 */
#ifndef PROFINJECT_LOAD_MANIFEST_H
#define PROFINJECT_LOAD_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

enum manifest_end { MANIFEST_END_NONE, MANIFEST_END_EXIT, MANIFEST_END_SIGNAL };

struct manifest {
    uint64_t id;         /* of the recording, the same in its copies; 0: none */
    uint64_t created_ns; /* CLOCK_REALTIME */
    int32_t pid;         /* of the command, 0 when it was not started by record */
    enum manifest_end end;
    int end_status;    /* exit status or signal number */
    uint64_t ended_ns; /* CLOCK_MONOTONIC, 0: not known */
};

/* Reads the manifest of the recording `directory`. False when it has none, or
 * what it has is not one: errno says then why it could not be opened, 0: it could. */
bool manifest_read(const char *directory, struct manifest *manifest);

#endif
