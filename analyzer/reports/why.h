/*
 * The verdict about threads' time: one sentence that says what holds the program up, with the
 * evidence. From figures alone; where nothing stands out it says that.
 */
#ifndef PROFINJECT_REPORTS_WHY_H
#define PROFINJECT_REPORTS_WHY_H

#include "analyzer/model/judgement.h"
#include "analyzer/model/time_shares.h"

/* "lock-bound: 41 % of thread time waits for dict_lock, mostly behind rehash()"; free(). NULL: there
 * is no time to speak of. */
char *why_text(const struct profile *profile, const struct time_shares *shares);

/* The same by the class that was judged, which knows of resources too; NULL: without. */
char *why_judged(const struct profile *profile, const struct time_shares *shares,
                 const struct judgement *judgement);

#endif
