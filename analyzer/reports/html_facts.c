/*
 * The header of an HTML document: whose run it was, what it took, how it ended, what held it up.
 * Its own file beside html_data.c as the words of the report.
 */
#include "analyzer/model/resident.h"
#include "analyzer/reports/coverage_text.h"
#include "analyzer/reports/end_text.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/html_data.h"
#include "analyzer/reports/why.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* `text` is freed. */
static void add(struct html_document *document, const char *name, char *text)
{
    html_document_fact(document, name, text);
    free(text);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_run(struct html_document *document, const struct facts *facts)
{
    add(document, "wall time", memory_strdup(units_duration((int64_t)facts->wall_ns).text));
    add(document, "CPU time", memory_strdup(units_duration((int64_t)facts->cpu_ns).text));
    add(document, "ran as",
        memory_printf("%zu process%s, %zu thread%s", facts->processes,
                      facts->processes == 1 ? "" : "es", facts->threads, plural(facts->threads)));
}

static void add_samples(struct html_document *document, const struct facts *facts)
{
    uint64_t all = facts->samples + facts->lost;

    add(document, "samples",
        memory_printf("%s, %s lost%s%s", units_exact((int64_t)facts->samples).text,
                      units_exact((int64_t)facts->lost).text, facts->lost > 0 ? ": " : "",
                      facts->lost > 0 ? units_percent((double)facts->lost, (double)all).text : ""));
    if (facts->frequency_delivered > 0)
        add(document, "clock",
            memory_printf("%" PRIu64 " Hz asked, %.0f signals/s x %.3g",
                          facts->root->frequency_asked, facts->frequency_delivered, facts->weight));
    if (facts_stacks(facts) > 0 && facts->truncated + facts->guessed > 0)
        add(document, "stacks",
            memory_printf("%s truncated, %s guessed",
                          units_percent((double)facts->truncated, (double)facts_stacks(facts)).text,
                          units_percent((double)facts->guessed, (double)facts_stacks(facts)).text));
}

/* The peak is one process's, what was live at their ends all of theirs, as `report` has it. */
static void add_heap(struct html_document *document, const struct profile *profile)
{
    const struct profile_process *process = heap_highest(profile);
    struct estimate live = {.total = 0};

    if (process == NULL || process->heap.part)
        return;
    for (size_t i = 0; i < profile->process_count; i++)
        estimate_join(&live, &profile->processes[i].heap.live.bytes);
    add(document, "heap",
        memory_printf("peak %s, %s live at %s (%s)",
                      units_bytes(llround(process->heap.peak.bytes.total)).text,
                      units_bytes(llround(live.total)).text,
                      profile->process_count > 1 ? "the ends of all together" : "the end",
                      heap_quality(profile, false).text));
}

static void add_resident(struct html_document *document, const struct profile *profile)
{
    uint64_t most = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        uint64_t bytes = resident_most(profile, &profile->processes[i]).bytes;
        most = bytes > most ? bytes : most;
    }
    if (most > 0)
        add(document, "resident",
            memory_printf("%s at most%s", units_bytes((int64_t)most).text,
                          profile->process_count > 1 ? ", of one process" : ""));
}

static void add_end(struct html_document *document, const struct profile_process *root)
{
    add(document, "end", memory_strdup(facts_end(root).text));
    if (root->end != END_SIGNAL)
        return;
    char *how = end_text_signal(root);
    const struct profile_death *death = end_text_word(root);
    char *cause = death != NULL ? end_text_cause(death) : NULL;
    char *text =
        memory_printf("killed %s%s%s", how, cause != NULL ? ": " : "", cause != NULL ? cause : "");
    document->end = html_document_text(document, text);
    free(text);
    free(cause);
    free(how);
}

static void add_why(struct html_document *document, const struct profile *profile,
                    const struct judgement *judgement)
{
    struct time_shares shares;

    time_shares_init(&shares, profile);
    char *why = why_judged(profile, &shares, judgement);
    document->why = why != NULL ? html_document_text(document, why) : NULL;
    free(why);
    time_shares_release(&shares);
}

void html_data_facts(struct html_document *document, const struct profile *profile,
                     const struct judgement *judgement)
{
    struct facts facts;

    facts_init(&facts, profile);
    document->title = "empty recording";
    for (size_t i = 0; i < profile->message_count; i++)
        html_document_message(document, profile->messages[i]);
    if (facts.root == NULL)
        return;
    document->title = html_document_text(document, facts.root->comm);
    add_run(document, &facts);
    add_samples(document, &facts);
    if (profile->part == NULL)
        add(document, "covered", coverage_text(&facts.coverage));
    add_heap(document, profile);
    add_resident(document, profile);
    add_end(document, facts.root);
    add_why(document, profile, judgement);
}
