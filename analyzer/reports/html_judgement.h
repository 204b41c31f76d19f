/*
 * What limits the program, how well it did, and what may be done, in an HTML document: what insight
 * found (model/judgement.h, model/recommendation.h), with the page's numbers of threads and functions.
 *
 * Stateless.
 */
#ifndef PROFINJECT_REPORTS_HTML_JUDGEMENT_H
#define PROFINJECT_REPORTS_HTML_JUDGEMENT_H

#include "analyzer/util/json.h"

struct judgement;
struct labels;
struct profile;
struct recommendations;

#define HTML_ADVICE_FRAMES 4 /* functions a recommendation leads to, at most */

/* Of the profile the document is about. NULL: nobody looked. */
struct html_findings {
    const struct profile *profile;
    const struct labels *labels;
    const struct judgement *judgement;
    const struct recommendations *recommendations;
};

/* The members "judgement" and "advice" of the document. */
void html_judgement_write(struct json *json, const struct html_findings *findings);

#endif
