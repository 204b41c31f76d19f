/*
 * Small files of the kernel's that are read again and again, kept open, below a root that may be
 * a recorded machine; see machine.h.
 *
 * One thread at a time; no allocation, all memory is the caller's. A file that takes long is read
 * more rarely, so that none costs more than a 4000th of one processor; a sensor that keeps us
 * waiting is given up for a while. errno may change.
 */
#ifndef PROFINJECT_RESOURCES_KERNEL_FILES_H
#define PROFINJECT_RESOURCES_KERNEL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define KERNEL_PATH_MAX 512u
#define KERNEL_FILE_SLOW_NS 5000000u       /* a sensor that takes so long, */
#define KERNEL_FILE_SLOW_READS 3u          /* so many times in a row, is left alone */
#define KERNEL_FILE_REST_NS 30000000000ull /* for so long */
#define KERNEL_FILE_SHARE 4000u /* a file is read for no more than that part of the time */
/* But a second time so soon: the first may have been interrupted. */
#define KERNEL_FILE_SECOND_NS 150000000u

/* What the files of one reader have in common. */
struct kernel_files {
    const char *root; /* before "/proc" and "/sys" */
    char *text;       /* what was read last, a null behind it; `text_size` with that */
    size_t text_size;
    char *paths; /* of those that there is no descriptor for; NULL: none are remembered */
    size_t paths_size, paths_used;
    int *descriptors; /* that are kept open: `descriptors_used` of `descriptors_max` */
    unsigned descriptors_used, descriptors_max;
    uint64_t now_ns; /* of this look */
};

struct kernel_file {
    int fd;           /* -1: none is kept */
    uint32_t path;    /* in `paths`, 0: none */
    bool there;       /* it could be opened once */
    bool sensor;      /* may keep us waiting: see above */
    uint8_t slow;     /* reads in a row that did */
    uint32_t cost_ns; /* of one read: the better of the last two, as we may have been interrupted */
    uint32_t last_ns; /* of the last */
    uint64_t due_ns;  /* not before */
};

/* As many descriptors as this process can spare, at most `most`. */
unsigned kernel_files_descriptors(unsigned most);

/* Opens what `format` makes, from "/proc/..." or "/sys/..."; 0 or -errno. */
int kernel_file_open(struct kernel_files *files, struct kernel_file *file, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Closes all that is kept open. */
void kernel_files_close(struct kernel_files *files);

/* True when it is there and may be read again by now. */
bool kernel_file_is_due(const struct kernel_files *files, const struct kernel_file *file);

/* Its text is in files->text: its size, more than 0; -ENODATA when it is empty, else -errno.
 * -ETIME: see kernel_file.sensor; last_ns is how long it took. */
ssize_t kernel_file_read(struct kernel_files *files, struct kernel_file *file);

/* A text that is read once, as kernel_file_read(). Blanks at its end are cut off. */
ssize_t kernel_file_once(struct kernel_files *files, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether there is something of that name. */
bool kernel_file_exists(const struct kernel_files *files, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Each name in a directory but "." and "..", in the kernel's order, at most 65536, until `visit`
 * returns false. 0 or -errno. Safe to open files in, not to list another with the same buffer:
 * each level has its own. */
int kernel_directory_each(const struct kernel_files *files,
                          bool (*visit)(void *context, const char *name), void *context,
                          const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "no permission"; for what was read from /proc and /sys. Static. */
const char *kernel_error_text(int error);

#endif
