/*
 * What is sensibly asked of each resource: whether its values or their changes answer to what a
 * program does, which way, to which doings, and how much later. One table, so that it can be read,
 * and argued with. Constant.
 */
#ifndef PROFINJECT_INSIGHT_RESOURCE_TRAITS_H
#define PROFINJECT_INSIGHT_RESOURCE_TRAITS_H

#include "analyzer/model/relations.h"

struct resource_trait {
    const char *name;
    const char *left_out; /* why nothing is asked of it; NULL: something is */
    enum relation_form form;
    int sign;            /* 1: it rises with what causes it, -1: it falls, 0: either */
    unsigned activities; /* that may cause it: 1 << enum relation_activity */
    double late_s;       /* the effect may come so much later */
    bool adds_up;        /* sums over time mean something */
};

/* That of a series; one of general meaning for names of a later version. */
const struct resource_trait *resource_trait(const char *name, bool is_rate);

#endif
