/* Sums of waits. Its own file because reports add them up in many ways. */
#include "analyzer/model/waits.h"

#include "analyzer/util/sum.h"

void wait_sums_add(struct wait_sums *sum, const struct wait_sums *part)
{
    sum->count = sum_unsigned(sum->count, part->count);
    sum->open = sum_unsigned(sum->open, part->open);
    sum->total_ns = sum_unsigned(sum->total_ns, part->total_ns);
    sum->blocked_ns = sum_unsigned(sum->blocked_ns, part->blocked_ns);
    sum->runnable_ns = sum_unsigned(sum->runnable_ns, part->runnable_ns);
    sum->bytes = sum_unsigned(sum->bytes, part->bytes);
    if (part->last_ns != 0 && (sum->last_ns == 0 || part->first_ns < sum->first_ns))
        sum->first_ns = part->first_ns;
    if (part->last_ns > sum->last_ns)
        sum->last_ns = part->last_ns;
    if (part->longest_ns > sum->longest_ns)
        sum->longest_ns = part->longest_ns;
}
