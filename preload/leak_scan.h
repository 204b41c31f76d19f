/*
 * The scan of the process's memory for pointers, at its end (setting leak_scan): every
 * aligned word that holds an address in memory of which allocators give blocks goes to the
 * trace. What it means is for the analyzer.
 *
 * The target's other threads run on. Memory is copied by the kernel, so that what is
 * unmapped meanwhile is an error code. Not for signal handlers.
 */
#ifndef PROFINJECT_LEAK_SCAN_H
#define PROFINJECT_LEAK_SCAN_H

#include <stdbool.h>
#include <stdint.h>

struct drain;

/* No scan takes longer, nor writes more, uncompressed. */
#define LEAK_SCAN_MS 10000u
#define LEAK_SCAN_BYTES (256u << 20)

/* In the thread that ends the process, before anything of its registers is lost: notes its
 * stack, and reads the registers of all others but the servant, whose tid is given (0: there
 * is none). */
void leak_scan_begin(int servant);

/* Where the servant's stack lies. */
void leak_scan_servant_stack(uint64_t low, uint64_t high);

/* The scan, after leak_scan_begin(), and its records. 0 also where nothing was recorded that
 * it could be about; else the -errno of a write. */
int leak_scan_write(struct drain *drain, int fd, uint32_t generation);

#endif
