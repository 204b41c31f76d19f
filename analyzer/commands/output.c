/*
 * Writing results safely. Its own file because a full disk must leave neither
 * half a file nor a silent success, whichever report it was.
 */
#include "analyzer/commands/output.h"

#include "analyzer/util/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE (256u << 10)

/* stdio forgets why a write failed; this remembers it. */
static ssize_t write_cookie(void *cookie, const char *bytes, size_t size)
{
    struct output *output = cookie;
    size_t done = 0;

    while (done < size) {
        ssize_t written = write(output->fd, bytes + done, size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            if (output->error == 0)
                output->error = written < 0 ? errno : EIO;
            return 0;
        }
        done += (size_t)written;
    }
    return (ssize_t)done;
}

/* The permissions a file made by open() would get. */
static mode_t default_mode(void)
{
    mode_t mask = umask(0);

    umask(mask);
    return 0666 & ~mask;
}

/* Opens a temporary file beside the one that is to be replaced. */
static int open_temporary(struct output *output, mode_t mode)
{
    output->temporary = memory_printf("%s.XXXXXX", output->target);
    output->fd = mkostemp(output->temporary, O_CLOEXEC);
    if (output->fd < 0) {
        free(output->temporary);
        output->temporary = NULL;
        return -1;
    }
    return fchmod(output->fd, mode);
}

static int open_file(struct output *output)
{
    struct stat status;

    if (stat(output->path, &status) != 0) {
        if (errno != ENOENT)
            return -1;
        output->target = memory_strdup(output->path);
        return open_temporary(output, default_mode());
    }
    if (!S_ISREG(status.st_mode)) {
        output->fd = open(output->path, O_WRONLY | O_CLOEXEC);
        return output->fd < 0 ? -1 : 0;
    }
    /* A symbolic link stays: what it points to is replaced. */
    output->target = realpath(output->path, NULL);
    if (output->target == NULL || access(output->target, W_OK) != 0)
        return -1;
    return open_temporary(output, status.st_mode & 07777);
}

int output_init(struct output *output, const char *path, struct problem *problem)
{
    cookie_io_functions_t functions = {.write = write_cookie};

    memset(output, 0, sizeof(*output));
    output->fd = STDOUT_FILENO;
    if (path != NULL && strcmp(path, "-") != 0) {
        output->path = memory_strdup(path);
        if (open_file(output) != 0) {
            problem_errno(problem, "cannot write '%s'", path);
            output_release(output);
            return problem->code;
        }
    }
    output->stream = fopencookie(output, "w", functions);
    if (output->stream == NULL)
        memory_exhausted();
    setvbuf(output->stream, NULL, _IOFBF, BUFFER_SIZE);
    /* One thread writes: locks around each byte take a third of the time of large results. */
    __fsetlocking(output->stream, FSETLOCKING_BYCALLER);
    return 0;
}

static int finish(struct output *output)
{
    fflush(output->stream);
    if (output->error != 0) {
        errno = output->error;
        return -1;
    }
    if (output->path == NULL)
        return 0;
    int closed = close(output->fd);
    output->fd = STDOUT_FILENO;
    if (closed != 0 || output->temporary == NULL)
        return closed;
    if (rename(output->temporary, output->target) != 0)
        return -1;
    free(output->temporary);
    output->temporary = NULL;
    return 0;
}

int output_commit(struct output *output, struct problem *problem)
{
    if (finish(output) == 0)
        return 0;
    if (output->path == NULL)
        return problem_errno(problem, "cannot write to standard output");
    return problem_errno(problem, "cannot write '%s'", output->path);
}

void output_release(struct output *output)
{
    if (output->stream != NULL)
        fclose(output->stream);
    if (output->fd != STDOUT_FILENO && output->fd >= 0)
        close(output->fd);
    if (output->temporary != NULL)
        unlink(output->temporary);
    free(output->temporary);
    free(output->target);
    free(output->path);
}
