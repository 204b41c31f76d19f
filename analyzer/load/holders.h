/*
 * Where threads were that had a lock which others waited for: a sample tells where one ran last, but who
 * sleeps, reads or waits with the lock is not sampled. Then its own wait tells.
 */
#ifndef PROFINJECT_LOAD_HOLDERS_H
#define PROFINJECT_LOAD_HOLDERS_H

#include "analyzer/model/profile.h"

/* Of the profile's singles from number `first` on, of one trace: waits for locks whose holder waited
 * itself meanwhile, later than it was sampled, have that place in its stead. */
void holders_find(struct profile *profile, size_t first);

#endif
