/*
 * How a process ended that did not choose to, in words. Texts are to be freed.
 */
#ifndef PROFINJECT_REPORTS_END_TEXT_H
#define PROFINJECT_REPORTS_END_TEXT_H

#include "analyzer/model/profile.h"

/* What the process itself left of the signal it died of; NULL: nothing. */
const struct profile_death *end_text_word(const struct profile_process *process);

/* "by signal 11 (Segmentation fault), core dumped" */
char *end_text_signal(const struct profile_process *process);

/* "SEGV_MAPERR, nothing is mapped there, at address 0x10"; or who sent it. */
char *end_text_cause(const struct profile_death *death);

#endif
