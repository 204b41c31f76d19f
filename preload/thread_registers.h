/*
 * The registers of the process's other threads, as LeakSanitizer gets them: a helper that
 * shares our memory but is a process of its own attaches to each by ptrace, reads, and lets
 * go. No thread runs a handler and no wait ends with EINTR for it, but for the few kinds
 * that a stop ends (signal(7): epoll_wait, semop, ...).
 *
 * Where ptrace is not permitted, or another tracer is there, registers stay unknown. Not
 * for signal handlers; the caller is stopped for the time, at most THREAD_REGISTERS_NS.
 */
#ifndef PROFINJECT_THREAD_REGISTERS_H
#define PROFINJECT_THREAD_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREAD_REGISTERS_NS 100000000u
#define THREAD_REGISTERS_WORDS 32u

struct thread_registers {
    int tid;
    bool known;
    uint32_t count; /* of words */
    uint64_t sp;
    uint64_t words[THREAD_REGISTERS_WORDS]; /* the general ones, in the kernel's order */
};

/* Fills in the registers of the threads whose `tid` is given. */
void thread_registers_read(struct thread_registers *threads, uint32_t count);

#endif
