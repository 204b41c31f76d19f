/* What descriptors are: numbers, kinds and names. */
#include "preload/wait_objects.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void start(void)
{
    ring_start();
    wait_objects_use_ring(ring);
}

TestSuite(wait_objects, .init = start, .fini = ring_stop);

static int make_file(const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", scratch_path, name);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    cr_assert_geq(fd, 0);
    return fd;
}

static const struct ring_object *object_of(int fd)
{
    uint32_t number = wait_objects_of_fd_sigsafe(fd);

    cr_assert(number && number < ring->has_object);
    cr_assert_eq(ring->objects[number].used, 1);
    return &ring->objects[number];
}

Test(wait_objects, a_file_is_its_path_by_whatever_descriptor)
{
    char expected[PATH_MAX];
    int fd = make_file("a"), again = make_file("a"), other = make_file("b");

    snprintf(expected, sizeof(expected), "%s/a", scratch_path);
    const struct ring_object *object = object_of(fd);
    cr_assert_eq(object->kind, TRACE_OBJECT_FILE);
    cr_assert_str_eq(object->name, expected);
    cr_assert_eq(object_of(again), object);
    cr_assert_neq(object_of(other), object);
    cr_assert_eq(ring->has_object, 3);
}

Test(wait_objects, a_descriptor_used_again_is_something_else)
{
    int fd = make_file("a");
    const struct ring_object *object = object_of(fd);

    close(fd);
    cr_assert_eq(make_file("b"), fd);
    cr_assert_neq(object_of(fd), object);
}

Test(wait_objects, pipes_and_others)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    const struct ring_object *object = object_of(ends[0]);
    cr_assert_eq(object->kind, TRACE_OBJECT_PIPE);
    cr_assert_eq(strncmp(object->name, "pipe:[", 6), 0);
    cr_assert_eq(object_of(ends[1]), object, "both ends");
    int first = epoll_create1(0), second = epoll_create1(0);
    cr_assert_eq(object_of(first)->kind, TRACE_OBJECT_OTHER);
    cr_assert_str_eq(object_of(first)->name, "anon_inode:[eventpoll]");
    cr_assert_neq(object_of(first), object_of(second));
}

Test(wait_objects, what_is_not_open_is_nothing)
{
    errno = ENOTTY;
    cr_assert_eq(wait_objects_of_fd_sigsafe(-1), 0);
    cr_assert_eq(wait_objects_of_fd_sigsafe(1000), 0);
    cr_assert_eq(errno, ENOTTY);
}

Test(wait_objects, of_long_names_the_end_is_kept)
{
    char name[220];

    memset(name, 'x', sizeof(name));
    memcpy(name + sizeof(name) - 5, ".end", 5);
    const struct ring_object *object = object_of(make_file(name));
    cr_assert_eq(strlen(object->name), RING_OBJECT_NAME - 1);
    cr_assert_str_eq(object->name + RING_OBJECT_NAME - 5, ".end");
}

static int listen_on(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    for (uint16_t at = 20000; at < 21000; at++) {
        address.sin_port = htons(at);
        if (bind(fd, (struct sockaddr *)&address, size) == 0)
            break;
    }
    cr_assert_eq(listen(fd, 8), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

Test(wait_objects, connections_to_one_service_are_one)
{
    char expected[64];
    uint16_t port;
    int server = listen_on(&port), first = connect_to(port), second = connect_to(port);
    int there = accept(server, NULL, NULL);

    snprintf(expected, sizeof(expected), "tcp :%u", port);
    cr_assert_str_eq(object_of(server)->name, expected);
    snprintf(expected, sizeof(expected), "tcp 127.0.0.1:%u", port);
    cr_assert_str_eq(object_of(first)->name, expected);
    cr_assert_eq(object_of(first)->kind, TRACE_OBJECT_SOCKET);
    cr_assert_eq(object_of(second), object_of(first));
    snprintf(expected, sizeof(expected), "tcp :%u from 127.0.0.1", port);
    cr_assert_str_eq(object_of(there)->name, expected);
}

Test(wait_objects, local_sockets_are_their_path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char expected[160];
    int pair[2], server = socket(AF_UNIX, SOCK_STREAM, 0), fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/s", scratch_path);
    cr_assert_eq(bind(server, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(server, 8), 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    snprintf(expected, sizeof(expected), "unix %s", address.sun_path);
    cr_assert_str_eq(object_of(fd)->name, expected);
    cr_assert_str_eq(object_of(accept(server, NULL, NULL))->name, expected);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    cr_assert_eq(strncmp(object_of(pair[0])->name, "socket:[", 8), 0);
    cr_assert_neq(object_of(pair[0]), object_of(pair[1]));
}

Test(wait_objects, without_room_there_is_no_number)
{
    ring->has_object = RING_OBJECTS;
    cr_assert_eq(wait_objects_of_fd_sigsafe(make_file("a")), 0);
    cr_assert_eq(ring->has_object, RING_OBJECTS);
}

Test(wait_objects, locks_have_the_name_they_are_given)
{
    char large[400];

    memset(large, 'n', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    wait_objects_name(0x7f0000001000, "cache");
    wait_objects_name(0x7f0000001000, "cache");
    wait_objects_name(0x7f0000002000, large);
    cr_assert_eq(ring->has_object, 3);
    cr_assert_eq(ring->objects[1].kind, TRACE_OBJECT_LOCK);
    cr_assert_eq(ring->objects[1].identity, 0x7f0000001000);
    cr_assert_str_eq(ring->objects[1].name, "cache");
    cr_assert_eq(strlen(ring->objects[2].name), RING_OBJECT_NAME - 1);
}
