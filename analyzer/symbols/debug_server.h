/*
 * Separate debug information from debuginfod servers, by elfutils' client library, which knows
 * the protocol, keeps a cache and reads DEBUGINFOD_URLS. The library is opened when it is first
 * needed, in a process of its own: it brings half a dozen others and threads with it, and a
 * server that does not answer is ended with it.
 *
 * Not thread-safe; forks.
 */
#ifndef PROFINJECT_SYMBOLS_DEBUG_SERVER_H
#define PROFINJECT_SYMBOLS_DEBUG_SERVER_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct debug_server {
    bool gave_up; /* not asked again: it has no address, no library, or did not answer */
};

/*
 * The path of the file with the debug information of a build, to be freed; whether it is that
 * is for the caller to see. NULL when there is none; `problem` says why when servers cannot be
 * asked at all, once per debug_server, else its code is 0. A server that sends nothing for
 * DEBUGINFOD_TIMEOUT seconds (otherwise 30) does not answer.
 */
char *debug_server_find(struct debug_server *server, const uint8_t *build_id, size_t build_id_size,
                        struct problem *problem);

#endif
