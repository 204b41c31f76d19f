/* Making and finding the office. Its own file because two programs meet in it. */
#include "preload/contract/office.h"

#include "preload/contract/own_memory.h"
#include "preload/contract/ring_format.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t own_namespace(void)
{
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
}

static struct office *map(int fd)
{
    void *memory = mmap(NULL, OFFICE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

struct office *office_make(int *fd)
{
    struct office *office = NULL;
    *fd = memfd_create("profinject", MFD_CLOEXEC);
    if (*fd < 0) {
        *fd = -errno;
        return NULL;
    }
    if (ftruncate(*fd, OFFICE_SIZE) == 0)
        office = map(*fd);
    if (!office) {
        int status = -errno;
        close(*fd);
        *fd = status;
        return NULL;
    }
    office->ring_version = RING_VERSION;
    office->pid = getpid();
    office->uid = geteuid();
    office->pid_namespace = own_namespace();
    office->magic = OFFICE_MAGIC;
    return office;
}

struct office *office_open(const char *path)
{
    struct stat status;
    int saved_errno = errno;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool fits = fd >= 0 && fstat(fd, &status) == 0 && status.st_size == OFFICE_SIZE;
    struct office *office = fits ? map(fd) : NULL;
    if (fd >= 0)
        close(fd);
    if (office && (office->magic != OFFICE_MAGIC || office->ring_version != RING_VERSION ||
                   !office_takes(office, own_namespace()))) {
        munmap(office, OFFICE_SIZE);
        office = NULL;
    }
    if (office)
        own_memory_note(office, OFFICE_SIZE, true);
    errno = saved_errno;
    return office;
}

bool office_takes(const struct office *office, uint64_t pid_namespace)
{
    return pid_namespace && office->pid_namespace == pid_namespace && office->uid == geteuid() &&
           office_is_open(office);
}

bool office_is_open(const struct office *office)
{
    int saved_errno = errno;
    bool open = !__atomic_load_n(&office->closed, __ATOMIC_ACQUIRE) &&
                (kill(office->pid, 0) == 0 || errno != ESRCH);
    errno = saved_errno;
    return open;
}
