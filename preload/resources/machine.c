/* The parts one after the other. Its own file because it alone knows them all, and owns their
 * memory. */
#include "preload/resources/machine.h"

#include "preload/contract/buffer.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define TEXT_SIZE (1u << 20) /* /proc/stat of 1024 processors and as many interrupts has 200 KiB */
#define PATHS_SIZE (256u << 10)
#define ROOT_MAX 400u
#define DESCRIPTORS_MAX 1024u

/* Address space; pages that no part has a use for are never made. */
struct machine {
    struct machine_base base;
    struct machine_cpu cpu;
    struct machine_frequency frequency;
    struct machine_throttle throttle;
    struct machine_memory memory;
    struct machine_disks disks;
    struct machine_network network;
    struct machine_pressure pressure;
    struct machine_power power;
    struct machine_supplies supplies;
    struct machine_thermal thermal;
    struct machine_gpus gpus;
    bool looked; /* once */
    char root[ROOT_MAX];
    int descriptors[DESCRIPTORS_MAX];
    struct machine_interface interface_array[MACHINE_INTERFACES_MAX];
    struct machine_zone zone_array[MACHINE_ZONES_MAX];
    struct machine_supply supply_array[MACHINE_SUPPLIES_MAX];
    struct machine_card card_array[MACHINE_CARDS_MAX];
    struct machine_disk disk_array[MACHINE_DISKS_MAX];
    struct machine_sensor sensor_array[MACHINE_SENSORS_MAX];
    struct machine_core core_array[MACHINE_CORES_MAX];
    struct machine_clock clock_array[MACHINE_CORES_MAX];
    struct machine_brake brake_array[2 * MACHINE_CORES_MAX];
    char paths[PATHS_SIZE];
    char text[TEXT_SIZE];
};

static void set_root(struct machine *machine, const char *root)
{
    snprintf(machine->root, sizeof machine->root, "%s", root);
    size_t length = strlen(machine->root);
    while (length > 0 && machine->root[length - 1] == '/')
        machine->root[--length] = '\0';
}

/* "cpu11"; asking for 1024 that are not there would take 4 ms. */
static bool count_core(void *context, const char *name)
{
    struct machine_base *base = context;
    const char *at = number_text_after(name, "cpu");
    uint64_t number;
    if (at && number_text_next(&at, &number) && !*at && number < MACHINE_CORES_MAX &&
        number >= base->cores)
        base->cores = (unsigned)number + 1;
    return true;
}

static void open_parts(struct machine *machine)
{
    struct machine_base *base = &machine->base;
    kernel_directory_each(&base->files, count_core, base, "/sys/devices/system/cpu");
    machine_cpu_open(base, &machine->cpu);
    machine_frequency_open(base, &machine->frequency);
    machine_throttle_open(base, &machine->throttle);
    machine_memory_open(base, &machine->memory);
    machine_disks_open(base, &machine->disks);
    machine_network_open(base, &machine->network);
    machine_pressure_open(base, &machine->pressure);
    machine_power_open(base, &machine->power);
    machine_supplies_open(base, &machine->supplies);
    machine_thermal_open(base, &machine->thermal);
    machine_gpus_open(base, &machine->gpus);
}

struct machine *machine_new(const char *root, struct resource_log *log)
{
    struct machine *machine = buffer_reserve(sizeof *machine);
    if (!machine)
        return NULL;
    set_root(machine, root);
    machine->base.log = log;
    machine->base.files = (struct kernel_files){
        .root = machine->root,
        .text = machine->text,
        .text_size = sizeof machine->text,
        .paths = machine->paths,
        .paths_size = sizeof machine->paths,
        .descriptors = machine->descriptors,
        /* Whoever simulates a machine may put new files in place of old ones. */
        .descriptors_max = machine->root[0] ? 0 : kernel_files_descriptors(DESCRIPTORS_MAX),
    };
    machine->cpu.cores = machine->core_array;
    machine->frequency.clocks = machine->clock_array;
    machine->throttle.brakes = machine->brake_array;
    machine->disks.disks = machine->disk_array;
    machine->network.interfaces = machine->interface_array;
    machine->power.zones = machine->zone_array;
    machine->supplies.supplies = machine->supply_array;
    machine->thermal.sensors = machine->sensor_array;
    machine->gpus.cards = machine->card_array;
    open_parts(machine);
    return machine;
}

void machine_free(struct machine *machine)
{
    if (!machine)
        return;
    kernel_files_close(&machine->base.files);
    own_memory_forget(machine);
    munmap(machine, sizeof *machine);
}

static void begin_look(struct machine_base *base, bool slow)
{
    base->files.now_ns = libc_clock_now_sigsafe();
    base->slow = slow;
    base->change = 0;
}

static void look_at_slow(struct machine *machine)
{
    struct machine_base *base = &machine->base;
    machine_throttle_look(base, &machine->throttle);
    machine_supplies_look(base, &machine->supplies);
    machine_thermal_look(base, &machine->thermal);
    machine_gpus_look(base, &machine->gpus);
}

void machine_look_at_slow(struct machine *machine)
{
    begin_look(&machine->base, true);
    look_at_slow(machine);
}

double machine_look(struct machine *machine, bool slow)
{
    struct machine_base *base = &machine->base;
    slow |= !machine->looked;
    machine->looked = true;
    begin_look(base, slow);
    machine_cpu_look(base, &machine->cpu);
    machine_frequency_look(base, &machine->frequency);
    machine_memory_look(base, &machine->memory);
    machine_disks_look(base, &machine->disks);
    machine_network_look(base, &machine->network);
    machine_pressure_look(base, &machine->pressure);
    machine_power_look(base, &machine->power);
    if (slow)
        look_at_slow(machine);
    return base->change;
}

double machine_load(const struct machine *machine)
{
    return machine->base.busy;
}
