/*
 * From descriptors to objects. Its own file because asking the kernel what is behind one, and
 * finding it in a table without a lock, has nothing to do with time.
 */
#include "preload/wait_objects.h"

#include "preload/ring.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CACHED_FDS 1024u
#define INDEX_SIZE 4096u /* four times the objects; power of two */
#define ID_BITS 16
/* Ports given to who asks for none begin here: of the two of a connection, the service's is the
 * other one. */
#define PORT_EPHEMERAL 32768u

#define PATH_ROOM 512u /* on stacks that may be small; of longer paths the end is left out */

struct description {
    uint32_t kind; /* enum trace_object */
    uint64_t identity;
    char name[RING_OBJECT_NAME];
};

static struct ring_file *ring;
static uint16_t index_of[INDEX_SIZE];     /* open addressing; 0: empty */
static uint64_t cached_by_fd[CACHED_FDS]; /* of device and inode, and the number in the low bits */

void wait_objects_use_ring(struct ring_file *file)
{
    ring = file;
    memset(index_of, 0, sizeof index_of);
    memset(cached_by_fd, 0, sizeof cached_by_fd);
}

static uint64_t mix(uint64_t value)
{
    value = (value ^ value >> 32) * 0xD6E8FEB86659FD93u;
    return value ^ value >> 32;
}

/* FNV-1a; names are short. */
static uint64_t hash_name(uint64_t hash, const char *name)
{
    hash ^= 0xcbf29ce484222325u;
    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 0x100000001b3u;
    return mix(hash);
}

/* --- what a descriptor is ---------------------------------------------------------- */

/* The end of it, where it is long. */
static void copy_name(char *name, const char *from)
{
    size_t length = strlen(from);
    const char *end = length < RING_OBJECT_NAME ? from : from + length - (RING_OBJECT_NAME - 1);
    memcpy(name, end, strlen(end) + 1);
}

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    struct sockaddr_storage room;
};

static unsigned port_of(const union address *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port : address->in6.sin6_port);
}

/* Connections to one service are one object: of a server's the peer's port says nothing. */
static void name_internet(struct description *what, const char *protocol, const union address *own,
                          const union address *peer)
{
    char host[INET6_ADDRSTRLEN] = "";
    bool is_old = peer->any.sa_family == AF_INET;
    const void *bytes = is_old ? (const void *)&peer->in.sin_addr : &peer->in6.sin6_addr;
    const char *open = is_old ? "" : "[", *close = is_old ? "" : "]";
    inet_ntop(peer->any.sa_family, bytes, host, sizeof host);
    bool serves = port_of(peer) >= PORT_EPHEMERAL && port_of(own) < PORT_EPHEMERAL;
    if (serves)
        snprintf(what->name, sizeof what->name, "%s :%u from %s%s%s", protocol, port_of(own), open,
                 host, close);
    else
        snprintf(what->name, sizeof what->name, "%s %s%s%s:%u", protocol, open, host, close,
                 port_of(peer));
}

static const char *path_of(const union address *address, socklen_t size)
{
    static const char none[] = "";
    if (address->any.sa_family != AF_UNIX || size <= offsetof(struct sockaddr_un, sun_path))
        return none;
    return address->un.sun_path[0] ? address->un.sun_path : &address->un.sun_path[1];
}

static void describe_socket(int fd, struct description *what)
{
    union address own = {.any.sa_family = 0}, peer = {.any.sa_family = 0};
    socklen_t own_size = sizeof own.room - 1, peer_size = own_size, type_size = sizeof(int);
    int type = 0;
    bool connected = getpeername(fd, &peer.any, &peer_size) == 0;
    bool bound = getsockname(fd, &own.any, &own_size) == 0;
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size);
    bool internet = own.any.sa_family == AF_INET || own.any.sa_family == AF_INET6;
    const char *protocol = type == SOCK_STREAM ? "tcp" : type == SOCK_DGRAM ? "udp" : "ip";
    if (internet && connected) {
        name_internet(what, protocol, &own, &peer);
    } else if (internet && bound) {
        snprintf(what->name, sizeof what->name, "%s :%u", protocol, port_of(&own));
    } else if (own.any.sa_family == AF_UNIX) {
        const char *path = path_of(&peer, connected ? peer_size : 0);
        path = *path ? path : path_of(&own, own_size);
        if (*path)
            snprintf(what->name, sizeof what->name, "unix %s", path);
    }
    if (what->name[0])
        what->identity = hash_name(0, what->name);
}

static uint32_t kind_of(const struct stat *status, const char *name)
{
    if (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode) || S_ISBLK(status->st_mode))
        return TRACE_OBJECT_FILE;
    if (S_ISFIFO(status->st_mode))
        return TRACE_OBJECT_PIPE;
    if (S_ISSOCK(status->st_mode))
        return TRACE_OBJECT_SOCKET;
    bool terminal = S_ISCHR(status->st_mode) &&
                    (!strncmp(name, "/dev/pts/", 9) || !strncmp(name, "/dev/tty", 8));
    return terminal ? TRACE_OBJECT_TERMINAL : TRACE_OBJECT_OTHER;
}

static void describe(int fd, const struct stat *status, struct description *what)
{
    char link[40], path[PATH_ROOM];
    memset(what, 0, sizeof *what);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        length = snprintf(path, sizeof path, "inode %llu", (unsigned long long)status->st_ino);
    path[length] = '\0';
    what->kind = kind_of(status, path);
    what->identity = mix(status->st_dev) ^ status->st_ino;
    if (what->kind == TRACE_OBJECT_SOCKET)
        describe_socket(fd, what);
    /* Of anonymous ones the inode is that of all; the descriptor tells them apart. */
    if (what->kind == TRACE_OBJECT_OTHER && path[0] != '/')
        what->identity ^= (uint64_t)(unsigned)fd << 32;
    if (!what->name[0])
        copy_name(what->name, path);
}

/* --- the table ----------------------------------------------------------------------- */

/* An inode may be another file's by now: the name belongs to what tells objects apart. */
static bool is_it(uint32_t number, const struct description *what)
{
    const struct ring_object *object = &ring->objects[number];
    return object->kind == what->kind && object->identity == what->identity &&
           strcmp(object->name, what->name) == 0;
}

/* A number, with memory; 0: there is none left. */
static uint32_t claim_number(void)
{
    uint32_t next = __atomic_load_n(&ring->has_object, __ATOMIC_RELAXED), number;
    do {
        number = next ? next : 1;
        if (number >= RING_OBJECTS || !ring_extend_objects(ring, number))
            return 0;
    } while (!__atomic_compare_exchange_n(&ring->has_object, &next, number + 1, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return number;
}

/* Nothing that is not whole may lie before others: the drain stops there, and looks again. */
static uint32_t add(const struct description *what)
{
    uint32_t number = claim_number();
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
static uint32_t find_or_add(const struct description *what)
{
    uint32_t at = (uint32_t)hash_name(what->identity + what->kind, what->name), made = 0;
    for (uint32_t tried = 0; tried < INDEX_SIZE; tried++, at++) {
        uint16_t *place = &index_of[at % INDEX_SIZE];
        /* Pairs with the exchange below: the object is whole. */
        uint16_t there = __atomic_load_n(place, __ATOMIC_ACQUIRE);
        if (!there) {
            made = made ? made : add(what);
            if (!made || __atomic_compare_exchange_n(place, &there, (uint16_t)made, false,
                                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
                return made;
        }
        if (is_it(there, what))
            return there;
    }
    return 0;
}

/* Asked again only when another inode is behind the descriptor. */
static uint32_t find_by_status(int fd, const struct stat *status)
{
    struct description what;
    uint64_t *cached = (unsigned)fd < CACHED_FDS ? &cached_by_fd[fd] : NULL;
    uint64_t mask = (1u << ID_BITS) - 1;
    uint64_t key = mix(mix(status->st_dev) + status->st_ino + status->st_mode) & ~mask;
    uint64_t word = cached ? __atomic_load_n(cached, __ATOMIC_ACQUIRE) : 0;
    if (word && (word & ~mask) == key)
        return (uint32_t)(word & mask);
    describe(fd, status, &what);
    uint32_t number = find_or_add(&what);
    if (cached && number)
        __atomic_store_n(cached, key | number, __ATOMIC_RELEASE);
    return number;
}

uint32_t wait_objects_of_fd(int fd)
{
    struct stat status;
    int saved_errno = errno;
    uint32_t number = ring && fstat(fd, &status) == 0 ? find_by_status(fd, &status) : 0;
    errno = saved_errno;
    return number;
}
