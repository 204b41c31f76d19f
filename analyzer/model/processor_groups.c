/* Reading them. Its own file because it is the other side of what the trace's writer packs. */
#include "analyzer/model/processor_groups.h"

#include <stdbool.h>
#include <stdlib.h>

static bool number(const char **at, size_t *value)
{
    char *end;

    if (**at < '0' || **at > '9')
        return false;
    unsigned long read = strtoul(*at, &end, 10);
    *at = end;
    *value = read;
    return read < PROCESSOR_GROUPS_MOST;
}

/* "3", "0-7", "0-6:2" */
static bool range(const char **at, size_t *first, size_t *last, size_t *step)
{
    *step = 1;
    if (!number(at, first))
        return false;
    *last = *first;
    if (**at == '-' && ((*at)++, !number(at, last) || *last < *first))
        return false;
    return **at != ':' || ((*at)++, number(at, step) && *step > 0);
}

void processor_groups_each(const char *text,
                           void (*tell)(void *context, size_t group, size_t processor),
                           void *context)
{
    size_t group, first, last, step, left = PROCESSOR_GROUPS_MOST;

    while (number(&text, &group) && text[0] == ':' && text[1] == ' ') {
        text++;
        do {
            text++;
            if (!range(&text, &first, &last, &step))
                return;
            for (; first <= last && left > 0; first += step, left--)
                tell(context, group, first);
        } while (*text == ',');
        if (text[0] != ';' || text[1] != ' ')
            return;
        text += 2;
    }
}
