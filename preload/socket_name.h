/*
 * Names of sockets for people: "tcp 127.0.0.1:6379", of a server's connections "tcp :6379 from
 * 127.0.0.1", "unix /run/x.sock". Makes system calls; any context, no allocation.
 */
#ifndef PROFINJECT_SOCKET_NAME_H
#define PROFINJECT_SOCKET_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text being put together; what there is no room for is left out. Always terminated. */
struct text {
    char *at, *end; /* end: of the room, where the last NUL may be */
};
struct text text_in_sigsafe(char *room, size_t size);
void text_add_sigsafe(struct text *text, const char *more);
void text_number_sigsafe(struct text *text, uint64_t number, unsigned base);

/* An address of version 6, of eight groups in network order, in brackets. */
void socket_name_host6_sigsafe(struct text *text, const uint16_t *groups);

/* False, and an empty name: it has no address, nor has its peer. */
bool socket_name_sigsafe(int fd, char *name, size_t size);

#endif
