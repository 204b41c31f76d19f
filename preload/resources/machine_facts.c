/* Finding them. Its own file because nothing of it changes, and nothing else needs it. */
#include "preload/resources/machine_facts.h"

#include "preload/contract/buffer.h"
#include "preload/contract/own_memory.h"
#include "preload/resources/control_group.h"
#include "preload/resources/machine_parts.h"
#include "preload/resources/machine_topology.h"
#include "preload/resources/number_text.h"
#include "preload/resources/processor_set.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define TEXT_SIZE (256u << 10)
#define VALUE_SIZE 256u

struct telling {
    struct kernel_files files;
    machine_fact *tell;
    void *context;
    char value[VALUE_SIZE];
    size_t used;
};

static void tell_number(struct telling *telling, const char *name, uint64_t value)
{
    snprintf(telling->value, VALUE_SIZE, "%llu", (unsigned long long)value);
    telling->tell(telling->context, name, telling->value);
}

/* "model name	: AMD EPYC"; ARM has none. */
static void tell_model(struct telling *telling)
{
    const char *line = telling->files.text;
    if (kernel_file_once(&telling->files, "/proc/cpuinfo") < 0)
        return;
    for (; line; line = number_text_line(line)) {
        const char *at = number_text_after(line, "model name");
        if (!at || !(at = strchr(at, ':')))
            continue;
        at++;
        at += strspn(at, " \t");
        snprintf(telling->value, VALUE_SIZE, "%.*s", (int)strcspn(at, "\n"), at);
        telling->tell(telling->context, "machine.cpu_model", telling->value);
        return;
    }
}

static void tell_processors(struct telling *telling)
{
    const char *line = telling->files.text;
    uint64_t count = 0;
    if (kernel_file_once(&telling->files, "/proc/stat") < 0)
        return;
    for (; line; line = number_text_line(line))
        count += number_text_after(line, "cpu") && line[3] >= '0' && line[3] <= '9';
    if (count)
        tell_number(telling, "machine.cpus", count);
}

/* How many are in a list, 0 also when there is no such file. */
static unsigned count_list(struct telling *telling, const char *path)
{
    struct processor_set set = {0};
    if (kernel_file_once(&telling->files, "%s", path) < 0)
        return 0;
    processor_set_read(&set, telling->files.text);
    return processor_set_count(&set);
}

/* Intel's are devices for perf; elsewhere the kernel knows what each can do, of 1024. */
static void tell_kinds(struct telling *telling)
{
    uint64_t performance = count_list(telling, "/sys/devices/cpu_core/cpus");
    uint64_t efficiency = count_list(telling, "/sys/devices/cpu_atom/cpus");
    int64_t most = 0, value;
    uint64_t all = 0, strong = 0;
    for (unsigned i = 0; i < MACHINE_CORES_MAX && !efficiency; i++) {
        if (kernel_file_once(&telling->files, "/sys/devices/system/cpu/cpu%u/cpu_capacity", i) <
                0 ||
            !number_text_whole(telling->files.text, &value))
            break;
        strong = value > most ? 1 : strong + (value == most);
        most = value > most ? value : most;
        all++;
    }
    if (strong < all) {
        performance = strong;
        efficiency = all - strong;
    }
    if (!performance || !efficiency)
        return;
    tell_number(telling, "machine.cores_performance", performance);
    tell_number(telling, "machine.cores_efficiency", efficiency);
}

/* Only where there are counts of theirs that a reader has to spread. */
static void tell_topology(struct telling *telling)
{
    if (!kernel_file_exists(&telling->files, "/sys/devices/system/cpu/cpu0/thermal_throttle"))
        return;
    if (machine_topology_packages(&telling->files, telling->value, VALUE_SIZE))
        telling->tell(telling->context, "machine.packages", telling->value);
    if (machine_topology_threads(&telling->files, telling->value, VALUE_SIZE))
        telling->tell(telling->context, "machine.threads", telling->value);
}

static void tell_memory(struct telling *telling)
{
    const char *line = telling->files.text;
    uint64_t kib;
    if (kernel_file_once(&telling->files, "/proc/meminfo") < 0)
        return;
    for (; line; line = number_text_line(line)) {
        const char *at = number_text_after(line, "MemTotal:");
        if (at && number_text_next(&at, &kib)) {
            tell_number(telling, "machine.memory", kib * 1024);
            return;
        }
    }
}

static void append(struct telling *telling, const char *text)
{
    int size = snprintf(telling->value + telling->used, VALUE_SIZE - telling->used, "%s%s",
                        telling->used ? ", " : "", text);
    if (size > 0 && (size_t)size < VALUE_SIZE - telling->used)
        telling->used += (size_t)size;
    telling->value[telling->used] = '\0';
}

static bool visit_card(void *context, const char *name)
{
    struct telling *telling = context;
    char subject[64];
    if (machine_gpu_name(&telling->files, name, subject, sizeof subject))
        append(telling, subject);
    return true;
}

static void tell_cards(struct telling *telling)
{
    telling->used = 0;
    kernel_directory_each(&telling->files, visit_card, telling, "/sys/class/drm");
    if (telling->used)
        telling->tell(telling->context, "machine.gpus", telling->value);
}

/* Who made it leaves a mark, or has its name in the group's path. */
static const char *container_kind(struct telling *telling)
{
    static const char *const words[] = {"kubepods", "docker", "libpod", "lxc", "containerd"};
    if (kernel_file_exists(&telling->files, "/.dockerenv"))
        return "docker";
    if (kernel_file_exists(&telling->files, "/run/.containerenv"))
        return "podman";
    if (kernel_file_once(&telling->files, "/proc/self/cgroup") < 0)
        return NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(telling->files.text, words[i]))
            return strcmp(words[i], "libpod") == 0 ? "podman" : words[i];
    return NULL;
}

static void tell_container(struct telling *telling)
{
    int64_t processors, memory;
    char text[64];
    const char *kind = container_kind(telling);
    telling->used = 0;
    if (kind)
        append(telling, kind);
    control_group_limits(telling->files.root, &processors, &memory);
    if (processors) {
        snprintf(text, sizeof text, "%lld.%02lld processors", (long long)(processors / 1000),
                 (long long)(processors % 1000 / 10));
        append(telling, text);
    }
    if (memory) {
        snprintf(text, sizeof text, "%lld MiB", (long long)(memory >> 20));
        append(telling, text);
    }
    if (telling->used)
        telling->tell(telling->context, "machine.container", telling->value);
}

void machine_facts_tell(const char *root, machine_fact *tell, void *context)
{
    char *text = buffer_reserve(TEXT_SIZE);
    if (!text)
        return;
    struct telling telling = {
        .files = {.root = strcmp(root, "/") == 0 ? "" : root, .text = text, .text_size = TEXT_SIZE},
        .tell = tell,
        .context = context};
    tell_model(&telling);
    tell_processors(&telling);
    tell_kinds(&telling);
    tell_topology(&telling);
    tell_memory(&telling);
    tell_cards(&telling);
    tell_container(&telling);
    own_memory_forget(text);
    munmap(text, TEXT_SIZE);
}
