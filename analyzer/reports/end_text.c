/*
 * An end in words. Its own file because `report`, `info` and the verdict of `record` use the
 * same ones.
 */
#include "analyzer/reports/end_text.h"

#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Its own word is of the signal it died of. */
const struct profile_death *end_text_word(const struct profile_process *process)
{
    bool counts = process->death.told &&
                  (process->end != END_SIGNAL || process->end_status == process->death.signal);

    return counts ? &process->death : NULL;
}

/* "signal 11, SIGSEGV (Segmentation fault)" */
char *end_text_signal(const struct profile_process *process)
{
    const struct profile_death *death = end_text_word(process);
    int number = process->end == END_SIGNAL ? process->end_status
                 : death != NULL            ? death->signal
                                            : 0;
    const char *meaning = sigdescr_np(number);

    if (number == 0)
        return memory_strdup("without a word: by a signal nobody saw, as SIGKILL, or an exit "
                             "around the C library");
    return memory_printf("by signal %d (%s)%s", number, meaning != NULL ? meaning : "unknown",
                         process->death.core ? ", core dumped" : "");
}

/* "SEGV_MAPERR, nothing is mapped there, at address 0x10" or who sent it. */
char *end_text_cause(const struct profile_death *death)
{
    struct death_code code = death_code(death->signal, death->code);
    char *text = code.name != NULL ? memory_printf("%s, %s", code.name, code.meaning)
                                   : memory_printf("code %d", death->code);
    char *whole;

    if (death->code <= 0)
        whole = death->sender == death->tid || death->sender == 0
                    ? memory_printf("%s", text)
                    : memory_printf("%s, sent by process %d", text, death->sender);
    else if (death_has_address(death->signal, death->code))
        whole = memory_printf("%s, at address 0x%" PRIx64, text, death->address);
    else
        whole = memory_printf("%s", text);
    free(text);
    return whole;
}
