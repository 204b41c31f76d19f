/*
 * How rules look at a profile. Internal to insight/: the table is in recommendations.c.
 */
#ifndef PROFINJECT_INSIGHT_RULES_H
#define PROFINJECT_INSIGHT_RULES_H

#include "analyzer/insight/recommendations.h"
#include "analyzer/model/demand.h"
#include "analyzer/model/functions.h"
#include "analyzer/model/relations.h"
#include "analyzer/model/time_shares.h"

/* What all rules need, worked out once. */
struct evidence {
    const struct profile *profile;
    const struct relations *relations; /* NULL: nobody looked for any */
    struct functions functions;
    struct time_shares shares;
    struct demand demand; /* of all processes */
    double cpu_ns, wall_ns;
    bool is_part; /* only some of the run: clocks and counters are of all of it */
};

/*
 * A rule fills finding, share and stack, and returns true where its figures are above `least`: a share,
 * unless the table says something else. The finding is the caller's.
 */
typedef bool rule(const struct evidence *evidence, double least, struct recommendation *found);

rule rule_oversubscribed, rule_one_thread, rule_serial_phase, rule_copying, rule_allocator;
rule rule_convoy, rule_small_calls, rule_small_messages, rule_unseen_waits;
rule rule_temporary, rule_fragmentation;
rule rule_cpu_limit, rule_busy_machine, rule_stolen, rule_hot, rule_slow_clock;
rule rule_memory_limit, rule_killed, rule_swapping;
rule rule_busy_disk, rule_retransmits, rule_drops;
rule rule_idle_card, rule_busy_card;
rule rule_few_samples, rule_lost, rule_truncated, rule_guessed, rule_unnamed;

#endif
