/*
 * Files of /proc/PID that are read again and again: by a descriptor that stays open where there is
 * room for it, each time at once. A process that is gone, and another of its number, are told
 * apart: the directory is held as well.
 *
 * One thread at a time; no allocation; not for signal handlers. Reading by a kept descriptor takes
 * 0.7 us of schedstat, with opening 4.2.
 */
#ifndef PROFINJECT_RESOURCES_KEPT_FILE_H
#define PROFINJECT_RESOURCES_KEPT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Numbers below stay free for the trace: the process may be left with few at any time. */
#define KEPT_FILE_LOW 32
#define KEPT_FILE_OTHERS 8

struct kept_folder {
    int pid;       /* 0: the calling process */
    int directory; /* -1: not open */
    int room;      /* descriptors that may still be kept */
    bool has_proc; /* files that are not there are of who has ended */
    /* The caller is a thread with another table of descriptors: none that is kept is touched, and
     * files are opened by their path. */
    bool elsewhere;
};

struct kept_file {
    int fd; /* -1: not open */
};

/* `descriptors`: how many may be kept at most, of which KEPT_FILE_OTHERS are for the directory and for
 * what the caller keeps else; fewer where the process may not have as many. 0: not even that one. */
void kept_folder_open(struct kept_folder *folder, int pid, int descriptors);
void kept_folder_close(struct kept_folder *folder);

/* As much of the file `name` as fits, a null behind it. Returns its length, or -errno; -ENODATA
 * for nothing at all. `file` NULL: not to be kept. */
ssize_t kept_file_read(struct kept_folder *folder, struct kept_file *file, const char *name,
                       char *text, size_t size);

/* The descriptor under a number that nobody needs, -1 where there is none: it is closed then. */
int kept_file_move(int fd);

/* Forgets the descriptor, which gives its room back. */
void kept_file_close(struct kept_folder *folder, struct kept_file *file);

/* Calls `visit` with the number of each thread there is, in the kernel's order, until it returns false.
 * Returns false when they cannot be listed. */
bool kept_folder_each_thread(const struct kept_folder *folder,
                             bool (*visit)(void *context, int tid), void *context);

/* The decimal number at *text, moved behind it and what stands before it; false at the end. */
bool kept_file_number(const char **text, uint64_t *number);

/* The number behind `name` at the beginning of a line, as "rchar:"; false when there is none. */
bool kept_file_named(const char *text, const char *name, uint64_t *number);

/* True when a read failed so because the process, or thread, has ended. */
bool kept_folder_is_gone(const struct kept_folder *folder, ssize_t status);

/* What is said where a read failed so otherwise, or what was read is not what was expected. */
const char *kept_file_reason(ssize_t status);

#endif
