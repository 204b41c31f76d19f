/*
 * The recording directory and its manifest: made by whoever comes first,
 * `profinject record` or the library's constructor in the first process.
 *
 *   RECORDING/            mode 0700
 *     manifest            text, "profinject-recording 1" and then NAME=VALUE lines
 *     messages            lines by the library, empty when there was none to say
 *     COMM.PID[.N].pinj   one trace per process image
 *
 * Manifest names: id (16 hex digits), created_realtime_ns, rings (directory the
 * ring files lie in), and from `record`: servant (office.h), command (shell-quoted), pid, exit ("exit N"
 * or "signal N") and ended_monotonic_ns. A later line of a name replaces an earlier one.
 *
 * Used on both sides; no allocation, no stdio; not for signal handlers.
 */
#ifndef PROFINJECT_RECORDING_H
#define PROFINJECT_RECORDING_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDING_MANIFEST "manifest"
#define RECORDING_MANIFEST_FIRST_LINE "profinject-recording 1"
#define RECORDING_MESSAGES "messages"
#define RECORDING_PAGE "report.html" /* made of it, by `html --open` */
#define RECORDING_TRACE_SUFFIX ".pinj"
#define RECORDING_VARIABLE "PROFINJECT_RECORDING"

struct recording {
    char path[PATH_MAX];  /* absolute */
    char rings[PATH_MAX]; /* directory for ring files: tmpfs where possible */
    char servant[32];     /* of who drains for all, as in office.h; "": nobody */
    uint64_t id;
    uint64_t created_ns; /* CLOCK_REALTIME */
};

/*
 * Expands %c %p %t %h %% of `pattern` and makes it absolute. `comm` stands for
 * %c, with '/' and control characters replaced by '_'. Returns 0, or -ENAMETOOLONG, or
 * -EINVAL for an unknown %-sequence.
 */
int recording_expand(const char *pattern, const char *comm, char *path, size_t size);

/*
 * Creates the directory (parents must exist) and its manifest. An existing
 * recording is refused with -EEXIST, unless `force`: then its traces, messages
 * and manifest are removed first, nothing else. A directory that is not empty
 * and not a recording is always refused (-ENOTEMPTY), one of another user (-EPERM), a link
 * (-ENOTDIR). Any other -errno: as from the system call that failed.
 */
int recording_create(struct recording *recording, const char *path, bool force);

/*
 * As recording_create() without force, but where that name is taken `path.2` and so
 * on is made instead: for the default name, which programs started in the same
 * second share. It may look taken while another process is making it.
 */
int recording_create_numbered(struct recording *recording, const char *path);

/* Removes a recording that could not be begun, or whose command could not: it must not
 * stand in the way later. Traces, of which there are none, would keep it. */
void recording_remove(const struct recording *recording);

/* Opens an existing recording by its manifest. -errno, -EINVAL when the manifest
 * is not one. */
int recording_open(struct recording *recording, const char *path);

/* True when the directory is there and not the calling user's: then nothing is written to it, and
 * what its manifest says is nobody's to act upon. */
bool recording_is_others(const struct recording *recording);

/* True when a file of a recording with that name is a trace. */
bool recording_is_trace(const char *name);

/* Appends `NAME=VALUE\n` to the manifest. 0 or -errno. */
int recording_note(const struct recording *recording, const char *name, const char *value);

/* Appends a line to RECORDING/messages, where a page is reserved for the day the disk is full
 * (on file systems that can). Failures are ignored: there is nobody to tell. */
void recording_message(const struct recording *recording, const char *line);

#endif
