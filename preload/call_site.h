/*
 * Whether a return address follows a call of a given function: how a frame is found
 * when nothing says where it is. Code is read through blocked_memory.h.
 */
#ifndef PROFINJECT_CALL_SITE_H
#define PROFINJECT_CALL_SITE_H

#include "preload/blocked_memory.h"

#include <stdint.h>

enum call_site {
    CALL_NONE,     /* no call ends there, or one of something else */
    CALL_INDIRECT, /* a call through a register or memory that may have led there */
    CALL_EXACT,    /* a call of that function, by a PLT entry or not */
};

/* What ends at `return_address`, for a function that starts at `function`. */
enum call_site call_site_at(const struct blocked_memory *memory, uint64_t return_address,
                            uint64_t function);

#endif
