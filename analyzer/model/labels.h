/*
 * Labels: the frames of a profile put into groups that a report shows as one,
 * with names fit to show (valid UTF-8, no control characters). Threads have
 * labels too, for reports whose stacks start with a process or a thread.
 *
 * Owns its memory; read only once made. The profile must outlive it.
 */
#ifndef PROFINJECT_MODEL_LABELS_H
#define PROFINJECT_MODEL_LABELS_H

#include "analyzer/model/profile.h"

/* What makes two frames the same. */
enum label_identity {
    LABEL_BY_NAME,     /* function name, ';' become ':': for folded lines */
    LABEL_BY_FUNCTION, /* function name and source file, or module where there is none */
    LABEL_BY_KIND,     /* as BY_FUNCTION, inlined and not inlined apart: for drawing */
};

/* What the first frame of every stack tells. */
enum label_root {
    LABEL_ROOT_NONE,
    LABEL_ROOT_COMMAND, /* comm */
    LABEL_ROOT_PROCESS, /* comm (pid) */
    LABEL_ROOT_THREAD,  /* name (tid) */
};

struct label {
    const char *name;
    const char *file, *module; /* of the first frame that has one, or NULL */
    uint32_t line;             /* where the function starts; 0 unknown */
    enum frame_kind kind;      /* of the first frame; FRAME_MARK for root labels */
};

struct labels {
    struct label *items;
    size_t count, capacity;
    uint32_t *of_frame;  /* number of each frame's label */
    uint32_t *of_thread; /* label above each thread's stacks, NULL for LABEL_ROOT_NONE */
    struct strings *names;
};

void labels_init(struct labels *labels, const struct profile *profile, enum label_identity identity,
                 enum label_root root);
void labels_release(struct labels *labels);

#endif
