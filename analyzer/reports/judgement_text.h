/*
 * What limits a program, in figures for a person: the classes with their evidence, the scores with
 * their formulas, the threads by efficiency. For `correlate`; the verdict alone is why.h's.
 */
#ifndef PROFINJECT_REPORTS_JUDGEMENT_TEXT_H
#define PROFINJECT_REPORTS_JUDGEMENT_TEXT_H

#include "analyzer/model/judgement.h"
#include "analyzer/model/profile.h"
#include "analyzer/reports/text_cells.h"

/* `top`: rows of the table of threads at most. Nothing where `judgement` is NULL. */
void judgement_text(const struct cells *cells, const struct profile *profile,
                    const struct judgement *judgement, size_t top);

/* The classes alone, strongest first, those without any part in one line; each line begins with
 * `indent` blanks. */
void judgement_text_classes(const struct cells *cells, const struct judgement *judgement,
                            size_t indent);

#endif
