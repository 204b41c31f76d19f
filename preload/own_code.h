/*
 * Where this library lies in the process, by the linker. Any thread, also in signal handlers.
 */
#ifndef PROFINJECT_OWN_CODE_H
#define PROFINJECT_OWN_CODE_H

#include <stdbool.h>
#include <stdint.h>

extern const char __ehdr_start __attribute__((visibility("hidden")));
extern const char _end __attribute__((visibility("hidden")));

/* The address is one of the library's own. */
static inline bool own_code_has_sigsafe(uint64_t address)
{
    return address >= (uint64_t)&__ehdr_start && address < (uint64_t)&_end;
}

#endif
