/*
 * The scan of the process's memory for pointers, at its end (setting leak_scan): every
 * aligned word that holds an address in memory of which allocators give blocks goes to the
 * trace. What it means is for the analyzer.
 *
 * The target's other threads stand still meanwhile, where ptrace is permitted; where it is
 * not they run on. Memory is copied by the kernel, so that what is unmapped is an error
 * code. Not for signal handlers.
 */
#ifndef PROFINJECT_LEAK_SCAN_H
#define PROFINJECT_LEAK_SCAN_H

#include <stdbool.h>
#include <stdint.h>

struct drain;

/* No scan takes longer, nor writes more, uncompressed. */
#define LEAK_SCAN_MS 10000u
#define LEAK_SCAN_BYTES (256u << 20)

struct leak_scan_options {
    int servant;  /* its tid, 0: there is none */
    bool sampled; /* pointers to other blocks than those sampled are not wanted */
    bool whole;   /* every block there is was recorded */
    uint64_t sp;  /* of the caller's stack, what lies below is ours */
};

/*
 * In the thread that ends the process, before anything of its registers is lost: stops all
 * others but the servant, and reads their registers. Until the end of leak_scan_write(), or
 * leak_scan_end(), no lock of the target's may be taken.
 */
void leak_scan_begin(const struct leak_scan_options *options);

/* Lets the threads go, if they are still stopped. */
void leak_scan_end(void);

/* Where the servant's stack lies. */
void leak_scan_servant_stack(uint64_t low, uint64_t high);

/* The scan, after leak_scan_begin(), and its records. 0 also where nothing was recorded that
 * it could be about; else the -errno of a write. */
int leak_scan_write(struct drain *drain, int fd, uint32_t generation);

#endif
