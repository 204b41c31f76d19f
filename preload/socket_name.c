/*
 * Addresses as text. Its own file because what the C library has for it is not for handlers.
 */
#include "preload/socket_name.h"

#include "preload/platform.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

/* Ports given to who asks for none begin here: of the two of a connection, the service's is the
 * other one. */
#define PORT_EPHEMERAL 32768u
#define GROUPS 8 /* of an address of version 6 */

struct text text_in_sigsafe(char *room, size_t size)
{
    *room = '\0';
    return (struct text){room, room + size - 1};
}

void text_add_sigsafe(struct text *text, const char *more)
{
    while (*more && text->at < text->end)
        *text->at++ = *more++;
    *text->at = '\0';
}

void text_number_sigsafe(struct text *text, uint64_t number, unsigned base)
{
    char digits[24], *first = &digits[sizeof digits - 1];
    *first = '\0';
    do
        *--first = "0123456789abcdef"[number % base];
    while (number /= base);
    text_add_sigsafe(text, first);
}

/* --- addresses ------------------------------------------------------------------------ */

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_un un;
    char room[sizeof(struct sockaddr_un) + 1]; /* the longest; a path ends behind it */
};

static bool read_address_sigsafe(long call, int fd, union address *address)
{
    socklen_t size = sizeof address->un;
    memset(address, 0, sizeof *address);
    return platform_syscall4_sigsafe(call, fd, (long)address, (long)&size, 0) == 0;
}

static bool is_internet_sigsafe(const union address *address)
{
    return address->any.sa_family == AF_INET || address->any.sa_family == AF_INET6;
}

static unsigned port_of_sigsafe(const union address *address)
{
    return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port : address->in6.sin6_port);
}

static void add_host4_sigsafe(struct text *text, const uint8_t *bytes)
{
    for (int i = 0; i < 4; i++) {
        text_add_sigsafe(text, i ? "." : "");
        text_number_sigsafe(text, bytes[i], 10);
    }
}

/* The longest run of groups that are 0, of two at least, is left out (RFC 5952). */
void socket_name_host6_sigsafe(struct text *text, const uint16_t *groups)
{
    int from = -1, most = 1;
    for (int i = 0, run = 0; i < GROUPS; i++) {
        run = groups[i] ? 0 : run + 1;
        if (run > most) {
            most = run;
            from = i + 1 - run;
        }
    }
    text_add_sigsafe(text, "[");
    for (int i = 0; i < GROUPS; i++) {
        if (i == from) {
            text_add_sigsafe(text, "::");
            i += most - 1;
            continue;
        }
        text_add_sigsafe(text, i && i != from + most ? ":" : "");
        text_number_sigsafe(text, ntohs(groups[i]), 16);
    }
    text_add_sigsafe(text, "]");
}

static void add_host_sigsafe(struct text *text, const union address *address)
{
    const struct in6_addr *long_one = &address->in6.sin6_addr;
    if (address->any.sa_family == AF_INET)
        add_host4_sigsafe(text, (const uint8_t *)&address->in.sin_addr);
    else if (IN6_IS_ADDR_V4MAPPED(long_one))
        add_host4_sigsafe(text, &long_one->s6_addr[12]);
    else
        socket_name_host6_sigsafe(text, long_one->s6_addr16);
}

/* --- names ------------------------------------------------------------------------------ */

static const char *protocol_sigsafe(int fd)
{
    int type = 0;
    socklen_t size = sizeof type;
    platform_syscall5_sigsafe(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&size);
    return type == SOCK_STREAM ? "tcp " : type == SOCK_DGRAM ? "udp " : "ip ";
}

static void add_port_sigsafe(struct text *text, const union address *address)
{
    text_add_sigsafe(text, ":");
    text_number_sigsafe(text, port_of_sigsafe(address), 10);
}

/* Connections to one service are one: of a server's the peer's port says nothing. `peer` is
 * empty where there is none. */
static void add_internet_sigsafe(struct text *text, const union address *own,
                                 const union address *peer)
{
    bool connected = is_internet_sigsafe(peer);
    bool serves = connected && port_of_sigsafe(peer) >= PORT_EPHEMERAL &&
                  port_of_sigsafe(own) < PORT_EPHEMERAL;
    if (serves || !connected)
        add_port_sigsafe(text, own);
    if (serves)
        text_add_sigsafe(text, " from ");
    if (connected)
        add_host_sigsafe(text, peer);
    if (connected && !serves)
        add_port_sigsafe(text, peer);
}

/* Abstract ones begin with a zero. */
static const char *path_of_sigsafe(const union address *address)
{
    const char *path = address->un.sun_path;
    return path[0] ? path : path + 1;
}

bool socket_name_sigsafe(int fd, char *name, size_t size)
{
    union address own, peer;
    struct text text = text_in_sigsafe(name, size);
    if (!read_address_sigsafe(SYS_getpeername, fd, &peer))
        memset(&peer, 0, sizeof peer);
    if (!read_address_sigsafe(SYS_getsockname, fd, &own))
        return false;
    if (is_internet_sigsafe(&own)) {
        text_add_sigsafe(&text, protocol_sigsafe(fd));
        add_internet_sigsafe(&text, &own, &peer);
        return true;
    }
    const char *path = path_of_sigsafe(peer.any.sa_family == AF_UNIX ? &peer : &own);
    path = *path ? path : path_of_sigsafe(&own);
    if (own.any.sa_family != AF_UNIX || !*path)
        return false;
    text_add_sigsafe(&text, "unix ");
    text_add_sigsafe(&text, path);
    return true;
}
