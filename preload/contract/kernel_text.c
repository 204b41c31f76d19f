/* Opened, read once, closed. Its own file because whoever looks at /proc does it. */
#include "preload/contract/kernel_text.h"

#include <fcntl.h>
#include <unistd.h>

bool kernel_text_read(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    return got > 0;
}
