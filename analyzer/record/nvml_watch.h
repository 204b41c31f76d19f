/*
 * NVIDIA's graphics cards, for the keeper. Only NVML knows about them, which is the driver's code:
 * it may hang in the kernel or crash, and the keeper has rings to drain. So a process of its own
 * asks, begun before the keeper has mapped any ring; all they share is a page of numbers, and
 * whoever is silent for 5 seconds is not waited for. A thread would not do: it could be neither
 * outlived nor ended.
 *
 * Where there is no driver (neither /dev/nvidiactl nor /dev/dxg, nor the library in a directory of
 * LD_LIBRARY_PATH) there is no such process.
 *
 * One thread, that of the keeper. Belongs to its caller, and no pointer may change its place
 * while election has it.
 */
#ifndef PROFINJECT_RECORD_NVML_WATCH_H
#define PROFINJECT_RECORD_NVML_WATCH_H

#include "analyzer/record/nvml_page.h"
#include "preload/resources/machine_series.h"

#include <stdbool.h>
#include <sys/types.h>

struct nvml_watch {
    struct nvml_page *page; /* NULL: there is nobody to ask */
    pid_t pid;              /* of who asks, 0: it has ended */
    int ended;              /* as waitpid() told */
    uint64_t heard_ns;      /* a new round was seen, or it was asked first */
    uint32_t round;         /* as put last */
    struct resource_log *log;
    struct machine_series series[NVML_CARDS_MAX][NVML_FIELDS];
    uint32_t count;
    const char *told; /* why there is nothing; static */
};

/* Starts the process, which does nothing until the first look. */
void nvml_watch_start(struct nvml_watch *watch);
void nvml_watch_stop(struct nvml_watch *watch);

/* Puts what is new into the moment that the log has begun; `watch` is a struct nvml_watch. */
void nvml_watch_look(void *watch, struct resource_log *log);

#endif
