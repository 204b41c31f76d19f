/*
 * Rules about the recording itself: what it cannot tell, and what with it could. Their own file
 * beside those about the program.
 */
#include "analyzer/insight/rules.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    uint64_t samples, lost, stacks, truncated, guessed;
};

static struct counts count_stacks(const struct profile *profile)
{
    struct counts counts = {.samples = 0};

    for (size_t i = 0; i < profile->thread_count; i++) {
        counts.samples += profile->threads[i].samples;
        counts.lost += profile->threads[i].lost;
    }
    counts.stacks = counts.samples;
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        counts.stacks += process->offcpu.stacks;
        counts.truncated += process->truncated + process->offcpu.truncated;
        counts.guessed += process->guessed + process->offcpu.guessed;
    }
    return counts;
}

/* `least` samples, of the part that is shown. */
bool rule_few_samples(const struct evidence *evidence, double least, struct recommendation *found)
{
    double samples = (double)profile_total(evidence->profile, METRIC_SAMPLES);

    if (evidence->cpu_ns <= 0 || samples >= least || samples <= 0)
        return false;
    /* 95 % of a binomial share of one half, which is the widest. */
    double error = 1.96 * 0.5 / sqrt(samples);
    found->share = error < 1 ? error : 1;
    found->finding =
        memory_printf("%.0f samples in %s of CPU time: a function shown with 50 %% may have "
                      "%.0f %% less or more",
                      samples, units_duration(evidence->cpu_ns).text,
                      100 * found->share > 50 ? 50 : 100 * found->share);
    return true;
}

bool rule_lost(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct counts counts = count_stacks(evidence->profile);
    double all = (double)counts.samples + (double)counts.lost;

    if (all <= 0 || (double)counts.lost < least * all)
        return false;
    found->share = (double)counts.lost / all;
    found->finding = memory_printf("%" PRIu64 " samples of %.0f (%s) were lost for want of room",
                                   counts.lost, all, units_percent((double)counts.lost, all).text);
    return true;
}

bool rule_truncated(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct counts counts = count_stacks(evidence->profile);

    if (counts.truncated == 0 || (double)counts.truncated < least * (double)counts.stacks)
        return false;
    found->share = (double)counts.truncated / (double)counts.stacks;
    found->finding =
        memory_printf("%" PRIu64 " of %" PRIu64
                      " stacks (%s) were deeper than what is kept: their callers are missing",
                      counts.truncated, counts.stacks,
                      units_percent((double)counts.truncated, (double)counts.stacks).text);
    return true;
}

static const char *base_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    return path == NULL ? "code outside all modules" : slash != NULL ? slash + 1 : path;
}

bool rule_guessed(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;
    struct counts counts = count_stacks(profile);

    if (counts.guessed == 0 || (double)counts.guessed < least * (double)counts.stacks)
        return false;
    found->share = (double)counts.guessed / (double)counts.stacks;
    char *where = profile->trouble_count > 0
                      ? memory_printf(", %" PRIu64 " of them in %s", profile->troubles[0].samples,
                                      base_name(profile->troubles[0].module))
                      : memory_strdup("");
    found->finding = memory_printf(
        "%" PRIu64 " of %" PRIu64 " stacks (%s) have callers that were guessed%s", counts.guessed,
        counts.stacks, units_percent((double)counts.guessed, (double)counts.stacks).text, where);
    free(where);
    return true;
}

/* "[libfoo.so+0x1234]": see symbol_frames.c. */
static bool is_unnamed(const struct label *label)
{
    return label->kind == FRAME_NATIVE && label->module != NULL && *label->module == '/' &&
           label->name[0] == '[' && strstr(label->name, "+0x") != NULL;
}

struct of_module {
    const char *module; /* interned */
    double cpu_ns;
};

/* CPU time of functions without a name by module; free(). */
static struct of_module *unnamed_by_module(const struct functions *functions, size_t *count)
{
    struct of_module *modules = NULL;
    size_t capacity = 0;

    *count = 0;
    for (size_t i = 0; i < functions->count; i++) {
        const struct label *label = &functions->labels.items[i];
        size_t at = 0;
        if (functions->items[i].self[METRIC_CPU] <= 0 || !is_unnamed(label))
            continue;
        while (at < *count && modules[at].module != label->module)
            at++;
        modules = memory_grow(modules, *count, &capacity, sizeof(*modules));
        if (at == *count)
            modules[(*count)++] = (struct of_module){label->module, 0};
        modules[at].cpu_ns += (double)functions->items[i].self[METRIC_CPU];
    }
    return modules;
}

bool rule_unnamed(const struct evidence *evidence, double least, struct recommendation *found)
{
    size_t count, worst = 0;
    double all = 0;
    struct of_module *modules = unnamed_by_module(&evidence->functions, &count);

    for (size_t i = 0; i < count; i++) {
        all += modules[i].cpu_ns;
        if (modules[i].cpu_ns > modules[worst].cpu_ns)
            worst = i;
    }
    bool is_much = count > 0 && evidence->cpu_ns > 0 && all >= least * evidence->cpu_ns;
    if (is_much) {
        found->share = all / evidence->cpu_ns;
        found->finding =
            memory_printf("%s of CPU time is in functions without a name, most of it in %s (%s)",
                          units_percent(all, evidence->cpu_ns).text, modules[worst].module,
                          units_percent(modules[worst].cpu_ns, evidence->cpu_ns).text);
    }
    free(modules);
    return is_much;
}
