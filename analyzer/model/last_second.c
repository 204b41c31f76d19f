/* Folding moments. Its own file because nothing else is asked of them. */
#include "analyzer/model/last_second.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

static int compare_functions(const void *left, const void *right)
{
    const struct last_function *a = left, *b = right;

    if (a->cpu_ns != b->cpu_ns)
        return a->cpu_ns < b->cpu_ns ? 1 : -1;
    return (a->label > b->label) - (a->label < b->label);
}

static int compare_threads(const void *left, const void *right)
{
    const struct last_thread *a = left, *b = right;

    if (a->cpu_ns != b->cpu_ns)
        return a->cpu_ns < b->cpu_ns ? 1 : -1;
    return (a->thread > b->thread) - (a->thread < b->thread);
}

static void add(struct last_thread *last, uint32_t label, uint64_t cpu_ns)
{
    size_t at = 0;

    last->cpu_ns = sum_unsigned(last->cpu_ns, cpu_ns);
    while (at < last->count && last->functions[at].label != label)
        at++;
    if (at == last->count) {
        last->functions =
            memory_resize(last->functions, (last->count + 1) * sizeof(*last->functions));
        last->functions[last->count++] = (struct last_function){.label = label};
    }
    last->functions[at].cpu_ns = sum_unsigned(last->functions[at].cpu_ns, cpu_ns);
}

/* Moments are there thread by thread. */
static void fold(struct last_thread *last, const struct profile *profile,
                 const struct labels *labels, size_t *moment)
{
    for (; *moment < profile->moment_count && profile->moments[*moment].thread <= last->thread;
         (*moment)++) {
        const struct profile_moment *one = &profile->moments[*moment];
        if (one->thread == last->thread && one->stack != STACK_NONE)
            add(last, labels->of_frame[profile->stacks[one->stack].frame], one->cpu_ns);
    }
    qsort(last->functions, last->count, sizeof(*last->functions), compare_functions);
}

void last_second_init(struct last_second *last, const struct profile *profile,
                      const struct labels *labels, uint32_t process)
{
    size_t moment = 0;

    *last = (struct last_second){
        .threads = memory_alloc((profile->thread_count + 1) * sizeof(*last->threads))};
    for (uint32_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        if (thread->process != process || thread->last.time_ns == 0)
            continue;
        struct last_thread *one = &last->threads[last->count++];
        *one = (struct last_thread){.thread = i};
        fold(one, profile, labels, &moment);
    }
    qsort(last->threads, last->count, sizeof(*last->threads), compare_threads);
}

void last_second_release(struct last_second *last)
{
    for (size_t i = 0; i < last->count; i++)
        free(last->threads[i].functions);
    free(last->threads);
}

bool last_second_is_dead(const struct profile_process *process)
{
    return process->end == END_SIGNAL || (process->end == END_UNKNOWN && process->death.gone);
}

uint64_t last_second_death_ns(const struct profile_process *process)
{
    return process->death.told ? process->death.time_ns : process->end_ns;
}

/* How much is known of it. */
static int weight_of(const struct profile_process *process)
{
    return !last_second_is_dead(process) ? 0
           : process->death.told         ? 3
           : process->end == END_SIGNAL  ? 2
                                         : 1;
}

const struct profile_process *last_second_of_whom(const struct profile *profile,
                                                  const struct profile_process *root)
{
    const struct profile_process *found = NULL;

    if (root != NULL && last_second_is_dead(root))
        return root;
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (weight_of(process) > (found != NULL ? weight_of(found) : 0))
            found = process;
    }
    return found;
}
