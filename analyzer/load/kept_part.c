/* Telling what was kept. Its own file because it is of the whole recording, once all of it is read. */
#include "analyzer/load/kept_part.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/strings.h"
#include "analyzer/util/sum.h"

#include <inttypes.h>
#include <stdlib.h>

static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e9 : 0;
}

void kept_part_tell(struct profile *profile)
{
    const struct profile_process *most = NULL;
    uint64_t chunks = 0, records = 0;
    size_t count = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (process->chunks_before == 0)
            continue;
        if (most == NULL || process->chunks_before > most->chunks_before)
            most = process;
        chunks = sum_unsigned(chunks, process->chunks_before);
        records = sum_unsigned(records, process->records_before);
        count++;
    }
    if (most == NULL)
        return;
    char *others = count > 1 ? memory_printf(" of process %d, and likewise of %zu others",
                                             most->pid, count - 1)
                             : memory_strdup("");
    char *text = memory_printf("the last %.1f s of %.1f s%s (--rotate; before it %" PRIu64
                               " chunks with %" PRIu64 " records were dropped)",
                               seconds(most->kept_from_ns, most->end_ns),
                               seconds(most->start_ns, most->end_ns), others, chunks, records);
    profile->kept = strings_intern(profile->strings, text);
    free(text);
    free(others);
}
