/*
 * Hooks of what gives a program memory beside the allocator: mmap, munmap, mremap, brk
 * and sbrk. Anonymous mappings of MAP_HOOKS_LEAST bytes or more are recorded, with their
 * ends; what the C library and the loader map for themselves, the allocator's memory
 * and thread stacks above all, does not pass here, nor do bare system calls.
 */
#ifndef PROFINJECT_MAP_HOOKS_H
#define PROFINJECT_MAP_HOOKS_H

#include <stdint.h>

#define MAP_HOOKS_LEAST (1u << 20)

/* Finds the functions behind the hooks; until then they make the system calls themselves.
 * Called once, in the constructor. */
void map_hooks_init(void);

/* Where an allocator lies that is not the C library's: what its code maps is the heap's. */
void map_hooks_know_allocator(uint64_t address);

#endif
