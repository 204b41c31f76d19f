/*
 * Collecting from outside. Its own file beside kept_ring.c, which knows the ring and how it is
 * drained.
 */
#include "analyzer/record/kept_resources.h"

#include "preload/contract/drain_resources.h"
#include "preload/contract/libc_clock.h"

#include <stdlib.h>
#include <string.h>

#define RATE_MAX 100u
#define DESCRIPTORS 1024 /* for one of many processes */

static void copy(char *to, size_t room, const char *value, size_t size)
{
    size_t length = size < room ? size : room - 1;

    memcpy(to, value, length);
    to[length] = '\0';
}

void kept_resources_note(struct kept_resources *resources, const char *name, const char *value,
                         size_t size)
{
    char number[16];

    if (strcmp(name, "setting.resources_root") == 0)
        copy(resources->root, sizeof(resources->root), value, size);
    if (strcmp(name, "resources_asked") != 0)
        return;
    copy(number, sizeof(number), value, size);
    unsigned long rate = strtoul(number, NULL, 10);
    resources->rate = rate <= RATE_MAX ? (unsigned)rate : RATE_MAX;
}

void kept_resources_begin(struct kept_resources *resources, struct election *election, pid_t pid,
                          int directory, struct drain *drain)
{
    resources->election = election;
    resources->pid = pid;
    resources->directory = directory;
    resources->drain = drain;
    if (resources->rate != 0)
        resources->begins_ns = libc_clock_now_sigsafe() + collector_delay_ns(resources->rate);
}

static void start(struct kept_resources *resources)
{
    const struct collector_options options = {.pid = resources->pid,
                                              .directory = resources->directory,
                                              .descriptors = DESCRIPTORS,
                                              .rate = resources->rate,
                                              .root = resources->root};

    resources->collector = collector_new(&options, resources->election);
    if (resources->collector == NULL)
        resources->rate = 0;
    else
        resources->drain->resources = collector_log(resources->collector);
}

void kept_resources_end(struct kept_resources *resources)
{
    if (resources->collector == NULL)
        return;
    resources->drain->resources = NULL;
    collector_free(resources->collector);
    resources->collector = NULL;
}

static bool is_on(const struct kept_resources *resources, const struct ring_file *ring)
{
    return resources->rate != 0 && __atomic_load_n(&ring->sampling, __ATOMIC_RELAXED) != 0;
}

void kept_resources_serve(struct kept_resources *resources, const struct ring_file *ring,
                          uint64_t now_ns)
{
    if (!is_on(resources, ring) || now_ns < resources->begins_ns)
        return;
    if (resources->collector == NULL)
        start(resources);
    if (resources->collector == NULL)
        return;
    collector_tick(resources->collector);
    if (collector_has_machine(resources->collector))
        drain_tell_machine(resources->drain, resources->root);
}

void kept_resources_finish(struct kept_resources *resources)
{
    collector_finish(resources->collector, false);
}

uint64_t kept_resources_rest_ns(const struct kept_resources *resources,
                                const struct ring_file *ring, uint64_t rest_ns)
{
    uint64_t now_ns = libc_clock_now_sigsafe(), own = rest_ns;

    if (is_on(resources, ring) && resources->collector != NULL)
        own = collector_rest_ns(resources->collector);
    else if (is_on(resources, ring))
        own = resources->begins_ns > now_ns ? resources->begins_ns - now_ns : 0;
    return own < rest_ns ? own : rest_ns;
}
