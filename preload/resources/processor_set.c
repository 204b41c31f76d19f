/* Sets of processors. Its own file because facts of several kinds read and write such lists. */
#include "preload/resources/processor_set.h"

#include "preload/resources/number_text.h"

#include <stdio.h>

bool processor_set_read(struct processor_set *set, const char *list)
{
    uint64_t first, last;
    bool any = false;
    while (number_text_next(&list, &first)) {
        last = first;
        if (*list == '-' && (list++, !number_text_next(&list, &last)))
            break;
        if (last < first || last >= PROCESSOR_SET_MAX)
            break;
        for (; first <= last; first++)
            processor_set_put(set, (unsigned)first);
        any = true;
        if (*list++ != ',')
            break;
    }
    return any;
}

bool processor_set_has(const struct processor_set *set, unsigned number)
{
    return set->bits[number / 64] >> number % 64 & 1;
}

void processor_set_put(struct processor_set *set, unsigned number)
{
    set->bits[number / 64] |= UINT64_C(1) << number % 64;
}

void processor_set_remove(struct processor_set *set, const struct processor_set *gone)
{
    for (size_t i = 0; i < PROCESSOR_SET_MAX / 64; i++)
        set->bits[i] &= ~gone->bits[i];
}

unsigned processor_set_count(const struct processor_set *set)
{
    unsigned count = 0;
    for (size_t i = 0; i < PROCESSOR_SET_MAX / 64; i++)
        count += (unsigned)__builtin_popcountll(set->bits[i]);
    return count;
}

unsigned processor_set_next(const struct processor_set *set, unsigned from)
{
    while (from < PROCESSOR_SET_MAX && !processor_set_has(set, from))
        from++;
    return from;
}

/* The last of those from `first` on that are `step` apart. */
static unsigned end_of_run(const struct processor_set *set, unsigned first, unsigned step)
{
    unsigned last = first;
    while (step && processor_set_next(set, last + 1) == last + step &&
           last + step < PROCESSOR_SET_MAX)
        last += step;
    return last;
}

size_t processor_set_write(const struct processor_set *set, char *to, size_t size)
{
    size_t used = 0;
    for (unsigned first = processor_set_next(set, 0), last; first < PROCESSOR_SET_MAX;
         first = processor_set_next(set, last + 1)) {
        const char *comma = used ? "," : "";
        unsigned step = processor_set_next(set, first + 1) - first;
        int length;
        last = end_of_run(set, first, step);
        if (last == first || (step > 1 && last == first + step)) {
            last = first;
            length = snprintf(to + used, size - used, "%s%u", comma, first);
        } else if (step == 1)
            length = snprintf(to + used, size - used, "%s%u-%u", comma, first, last);
        else
            length = snprintf(to + used, size - used, "%s%u-%u:%u", comma, first, last, step);
        if (length < 0 || (size_t)length >= size - used)
            return 0;
        used += (size_t)length;
    }
    return used;
}
