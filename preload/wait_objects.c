/*
 * From descriptors to objects. Its own file because asking the kernel what is behind one, and
 * finding it in a table without a lock, has nothing to do with time.
 */
#include "preload/wait_objects.h"

#include "preload/io_counts.h"
#include "preload/platform.h"
#include "preload/ring.h"
#include "preload/socket_name.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CACHED_FDS 1024u
#define INDEX_SIZE 4096u /* four times the objects; power of two */
#define ID_BITS 16
#define PATH_ROOM 384 /* on stacks that may be small; of longer paths the end is left out */

struct description {
    uint32_t kind; /* enum trace_object */
    uint64_t identity;
    char name[RING_OBJECT_NAME];
};

static struct ring_file *ring;
static uint16_t index_of[INDEX_SIZE];     /* open addressing; 0: empty */
static uint64_t cached_by_fd[CACHED_FDS]; /* of device and inode, and the number in the low bits */
static uint32_t others;                   /* the number of that one, 0: not made yet */

void wait_objects_use_ring(struct ring_file *file)
{
    ring = file;
    memset(index_of, 0, sizeof index_of);
    memset(cached_by_fd, 0, sizeof cached_by_fd);
    others = 0;
}

static uint64_t mix_sigsafe(uint64_t value)
{
    value = (value ^ value >> 32) * 0xD6E8FEB86659FD93u;
    return value ^ value >> 32;
}

/* FNV-1a; names are short. */
static uint64_t hash_name_sigsafe(uint64_t hash, const char *name)
{
    hash ^= 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
    return mix_sigsafe(hash);
}

/* --- what a descriptor is ---------------------------------------------------------- */

/* The end of it, where it is long. */
static void copy_name_sigsafe(char *name, const char *from)
{
    size_t length = strlen(from);
    const char *end = length < RING_OBJECT_NAME ? from : from + length - (RING_OBJECT_NAME - 1);
    memcpy(name, end, strlen(end) + 1);
}

static bool begins_sigsafe(const char *name, const char *with)
{
    return memcmp(name, with, strlen(with)) == 0;
}

static uint32_t kind_of_sigsafe(const struct stat *status, const char *name)
{
    if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode) || S_ISBLK(status->st_mode))
        return TRACE_OBJECT_FILE;
    if (S_ISFIFO(status->st_mode))
        return TRACE_OBJECT_PIPE;
    if (S_ISSOCK(status->st_mode))
        return TRACE_OBJECT_SOCKET;
    bool terminal = S_ISCHR(status->st_mode) &&
                    (begins_sigsafe(name, "/dev/pts/") || begins_sigsafe(name, "/dev/tty"));
    return terminal ? TRACE_OBJECT_TERMINAL : TRACE_OBJECT_OTHER;
}

/* What the kernel calls it, in `path` of PATH_ROOM bytes. */
static void read_link_sigsafe(int fd, const struct stat *status, char *path)
{
    char link[40];
    struct text text = text_in_sigsafe(link, sizeof link);
    text_add_sigsafe(&text, "/proc/self/fd/");
    text_number_sigsafe(&text, (uint64_t)fd, 10);
    memset(path, 0, PATH_ROOM);
    if (platform_syscall4_sigsafe(SYS_readlink, (long)link, (long)path, PATH_ROOM - 1, 0) > 0)
        return;
    text = text_in_sigsafe(path, PATH_ROOM);
    text_add_sigsafe(&text, "inode ");
    text_number_sigsafe(&text, status->st_ino, 10);
}

static void describe_sigsafe(int fd, const struct stat *status, struct description *what)
{
    char path[PATH_ROOM];
    read_link_sigsafe(fd, status, path);
    memset(what, 0, sizeof *what);
    what->kind = kind_of_sigsafe(status, path);
    what->identity = mix_sigsafe(status->st_dev) ^ status->st_ino;
    if (what->kind == TRACE_OBJECT_SOCKET &&
        socket_name_sigsafe(fd, what->name, sizeof what->name)) {
        what->identity = hash_name_sigsafe(0, what->name);
        return;
    }
    /* Of anonymous ones the inode is that of all; the descriptor tells them apart. */
    if (what->kind == TRACE_OBJECT_OTHER && path[0] != '/')
        what->identity ^= (uint64_t)(unsigned)fd << 32;
    copy_name_sigsafe(what->name, path);
}

/* --- the table ----------------------------------------------------------------------- */

/* An inode may be another file's by now: the name belongs to what tells objects apart. */
static bool is_it_sigsafe(uint32_t number, const struct description *what)
{
    const struct ring_object *object = &ring->objects[number];
    return object->kind == what->kind && object->identity == what->identity &&
           strcmp(object->name, what->name) == 0;
}

/* A number, with memory; 0: there is none left. */
static uint32_t claim_number_sigsafe(void)
{
    uint32_t next = __atomic_load_n(&ring->has_object, __ATOMIC_RELAXED), number;
    do {
        number = next ? next : 1;
        if (number >= RING_OBJECTS || !ring_extend_objects_sigsafe(ring, number))
            return 0;
    } while (!__atomic_compare_exchange_n(&ring->has_object, &next, number + 1, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return number;
}

/* Nothing that is not whole may lie before others: the drain stops there, and looks again. */
static uint32_t add_sigsafe(const struct description *what)
{
    uint32_t number = claim_number_sigsafe();
    if (!number)
        return 0;
    struct ring_object *object = &ring->objects[number];
    object->kind = what->kind;
    object->identity = what->identity;
    memcpy(object->name, what->name, sizeof object->name);
    __atomic_store_n(&object->used, 1, __ATOMIC_RELEASE);
    return number;
}

/* Two who add the same at once add it twice; the second is never found. */
static uint32_t find_or_add_sigsafe(const struct description *what)
{
    uint32_t at = (uint32_t)hash_name_sigsafe(what->identity + what->kind, what->name), made = 0;
    for (uint32_t tried = 0; tried < INDEX_SIZE; tried++, at++) {
        uint16_t *place = &index_of[at % INDEX_SIZE];
        /* Pairs with the exchange below: the object is whole. */
        uint16_t there = __atomic_load_n(place, __ATOMIC_ACQUIRE);
        if (!there) {
            made = made ? made : add_sigsafe(what);
            if (!made || __atomic_compare_exchange_n(place, &there, (uint16_t)made, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
                return made;
        }
        if (is_it_sigsafe(there, what))
            return there;
    }
    return 0;
}

/* Asked again only when another inode is behind the descriptor. */
static uint32_t find_by_status_sigsafe(int fd, const struct stat *status)
{
    struct description what;
    uint64_t *cached = (unsigned)fd < CACHED_FDS ? &cached_by_fd[fd] : NULL;
    uint64_t mask = (1u << ID_BITS) - 1;
    uint64_t hash = mix_sigsafe(status->st_dev) + status->st_ino + status->st_mode +
                    ((uint64_t)io_counts_generation(fd) << 32);
    uint64_t key = mix_sigsafe(hash) & ~mask;
    uint64_t word = cached ? __atomic_load_n(cached, __ATOMIC_ACQUIRE) : 0;
    if (word && (word & ~mask) == key)
        return (uint32_t)(word & mask);
    describe_sigsafe(fd, status, &what);
    uint32_t number = find_or_add_sigsafe(&what);
    if (cached && number)
        __atomic_store_n(cached, key | number, __ATOMIC_RELEASE);
    return number;
}

uint32_t wait_objects_of_fd_sigsafe(int fd)
{
    struct stat status = {0}; /* the kernel's is the same */
    bool is_open = platform_syscall4_sigsafe(SYS_fstat, fd, (long)&status, 0, 0) == 0;
    return ring && is_open ? find_by_status_sigsafe(fd, &status) : 0;
}

uint32_t wait_objects_of_others_sigsafe(void)
{
    static const struct description what = {.kind = TRACE_OBJECT_OTHER, .name = "others"};
    uint32_t known = __atomic_load_n(&others, __ATOMIC_RELAXED);
    if (!known && ring) {
        known = find_or_add_sigsafe(&what);
        __atomic_store_n(&others, known, __ATOMIC_RELAXED);
    }
    return known;
}

void wait_objects_name(uint64_t address, const char *name)
{
    struct description what = {.kind = TRACE_OBJECT_LOCK, .identity = address};
    copy_name_sigsafe(what.name, name);
    if (ring)
        find_or_add_sigsafe(&what);
}
