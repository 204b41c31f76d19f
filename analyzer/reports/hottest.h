/*
 * The function of the program with most CPU time of its own, for the sentence that says what holds
 * it up. Not "[profinject]", nor another mark: who reads it wants to know what of theirs to look at.
 *
 * Pure; from any thread.
 */
#ifndef PROFINJECT_REPORTS_HOTTEST_H
#define PROFINJECT_REPORTS_HOTTEST_H

#include "analyzer/model/profile.h"

/* ", most in hash() (41 % of CPU time)"; free(). NULL: nothing of the program was sampled. */
char *hottest_text(const struct profile *profile);

#endif
