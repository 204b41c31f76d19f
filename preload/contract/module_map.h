/*
 * The modules of a process, read from /proc/PID/maps and /proc/PID/mem, or, where that is not
 * permitted, their files: no loader lock is taken and nothing can fault, so that it works
 * inside the target at any moment and outside it just as well. The list keeps modules that are
 * gone, because samples still refer to them.
 *
 * Allocates by mmap only; one thread at a time; not for signal handlers.
 */
#ifndef PROFINJECT_MODULE_MAP_H
#define PROFINJECT_MODULE_MAP_H

#include "preload/contract/buffer.h"

#include <stdbool.h>
#include <stdint.h>

#define MODULE_PATH_MAX 1024
#define MODULE_BUILD_ID_MAX 32

struct module {
    uint64_t start, end; /* of the file's whole mapping */
    uint64_t bias;       /* ELF virtual address = pc - bias */
    uint64_t offset;     /* in the file, of `start`: 0 but for parts mapped once more */
    uint64_t inode;
    uint64_t loaded_ns, unloaded_ns; /* unloaded_ns 0: still there */
    uint32_t generation, gone;       /* first generation with it, first without */
    uint64_t gone_written;           /* epoch of the trace that has its end; the drain's */
    bool seen;                       /* by the scan under way */
    char path[MODULE_PATH_MAX];
    uint8_t build_id[MODULE_BUILD_ID_MAX];
    uint32_t build_id_size;
};

struct module_map {
    struct module *modules; /* in order of discovery; never moves */
    uint32_t count, capacity;
    struct buffer text; /* of /proc/PID/maps */
};

int module_map_init(struct module_map *map); /* 0 or -ENOMEM */
void module_map_release(struct module_map *map);

/*
 * Reads the maps of `pid` (0: the calling process) and brings the list up to
 * date: new modules are appended, vanished ones get `unloaded_ns` and `gone`.
 * `generation` is the current one. Returns 0 or -errno; the list is then as
 * before.
 */
int module_map_scan(struct module_map *map, int pid, uint32_t generation, uint64_t now_ns);

/* True when `pc` lies in a module still loaded. */
bool module_map_covers(const struct module_map *map, uint64_t pc);

#endif
