/*
 * What the process that asks NVML tells the keeper, in memory that both share: see nvml_watch.h.
 *
 * One writer, one reader. `round` is odd while values are written (pairs: writer's release stores,
 * reader's acquire loads around its copy). Whatever stands there is no more than a number: the
 * reader trusts no count and no text's end.
 */
#ifndef PROFINJECT_RECORD_NVML_PAGE_H
#define PROFINJECT_RECORD_NVML_PAGE_H

#include <stdint.h>

#define NVML_CARDS_MAX 16u
#define NVML_NAME_SIZE 56u

enum nvml_field {
    NVML_BUSY,        /* per cent */
    NVML_USED,        /* bytes */
    NVML_TOTAL,       /* bytes */
    NVML_TEMPERATURE, /* thousandths of a degree */
    NVML_POWER,       /* microwatts */
    NVML_MHZ,         /* thousandths of a megahertz */
    NVML_FIELDS
};

enum nvml_state { NVML_WAITING, NVML_NO_LIBRARY, NVML_NO_FUNCTION, NVML_REFUSED, NVML_RUNNING };

struct nvml_card {
    char name[NVML_NAME_SIZE];
    int32_t status[NVML_FIELDS]; /* enum nvml_return */
    int64_t values[NVML_FIELDS];
};

struct nvml_page {
    uint32_t asked; /* by the keeper: the writer may begin; a futex */
    uint32_t round;
    uint32_t state; /* enum nvml_state */
    int32_t status; /* of what was refused: enum nvml_return */
    uint32_t count; /* of cards */
    struct nvml_card cards[NVML_CARDS_MAX];
};

/* The other process: waits until it is asked to, then asks NVML twice a second for ever. */
void nvml_page_write(struct nvml_page *page) __attribute__((noreturn));

#endif
