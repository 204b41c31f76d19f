/*
 * The section of `report --all` about functions that explain resources: only what chance does not, in
 * sentences. Its own file as every section; `correlate` has the tables.
 */
#include "analyzer/model/relations.h"
#include "analyzer/reports/relation_words.h"
#include "analyzer/reports/text_sections.h"

#define SENTENCES_MOST 12

void text_relations(const struct text_report *report)
{
    const struct relations *relations = report->options->relations;

    if (relations == NULL || relations->insufficient != NULL)
        return;
    cells_heading(&report->cells, "Explained by functions",
                  "resources that go with what a function does; profinject correlate has all");
    if (!relation_sentences(&report->cells, relations, report->profile, SENTENCES_MOST))
        fputs("  no function goes with any resource by more than chance\n", report->cells.out);
}
