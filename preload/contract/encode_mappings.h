/*
 * Encoding of what the drain knows of memory beside the heap: TRACE_MAPPINGS and
 * TRACE_RESIDENT (trace_format.h). For the drain only; same threading as it.
 */
#ifndef PROFINJECT_ENCODE_MAPPINGS_H
#define PROFINJECT_ENCODE_MAPPINGS_H

#include "preload/contract/encode_heap.h"

#define RESIDENT_FILE_MAX 127

/* The process's memory at a moment, as in TRACE_RESIDENT. */
struct resident_look {
    uint64_t time_ns;
    uint64_t known; /* TRACE_RESIDENT_* */
    uint64_t resident, shared;
    uint64_t live;
    uint64_t held, held_resident;
    uint64_t mapped, mapped_resident;
    uint64_t shmem, large, large_resident, stacks, data, own, lazy, loose, huge, hugetlb;
    uint64_t file_resident, highest;
    char file[RESIDENT_FILE_MAX + 1];
};

/* As heap_encoder_finish(): the events are RING_MAPPING records. */
uint32_t mapping_encoder_finish(const struct heap_encoder *encoder, struct buffer *to,
                                struct buffer *body, uint32_t thread);

uint32_t encode_mappings_lost(struct buffer *to, struct buffer *body, uint64_t lost);
uint32_t encode_resident(struct buffer *to, struct buffer *body, const struct resident_look *look);

#endif
