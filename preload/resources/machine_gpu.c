/*
 * Graphics cards, by what their drivers have in /sys/class/drm. Its own file because each vendor
 * tells something else: amdgpu nearly all; i915 and xe the frequency and for how long the card
 * slept; NVIDIA's driver nothing at all, only NVML, which is asked elsewhere (see nvml.h).
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>

#define MICROWATTS_MAX INT64_C(10000000000)
#define HERTZ_MAX INT64_C(100000000000)

/* of PCI */
#define AMD 0x1002
#define NVIDIA 0x10de
#define INTEL 0x8086

static const char cards_path[] = "/sys/class/drm";

struct opening {
    struct machine_base *base;
    struct machine_gpus *gpus;
    struct machine_card *card;
    char hwmon[64];
};

static bool visit_hwmon(void *context, const char *name)
{
    struct opening *opening = context;
    snprintf(opening->hwmon, sizeof opening->hwmon, "%.63s", name);
    return false;
}

static uint64_t hex_once(struct kernel_files *files, const char *card, const char *file)
{
    if (kernel_file_once(files, "%s/%s/device/%s", cards_path, card, file) < 0)
        return 0;
    const char *at = number_text_after(files->text, "0x");
    uint64_t value = 0;
    for (int digits = 0; at && digits < 8 && strchr("0123456789abcdef", *at) && *at; at++, digits++)
        value = value << 4 | (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    return value;
}

/* The first of these that is there; relative to the card. */
static bool open_first(struct machine_base *base, struct kernel_file *file, const char *card,
                       const char *const *names)
{
    for (; *names; names++)
        if (kernel_file_open(&base->files, file, "%s/%s/%s", cards_path, card, *names) == 0) {
            file->sensor = true;
            return true;
        }
    return false;
}

static void open_hwmon(struct opening *opening, const char *name)
{
    struct machine_base *base = opening->base;
    struct machine_card *card = opening->card;
    static const char *const watts[] = {"power1_average", "power1_input", NULL};
    opening->hwmon[0] = '\0';
    kernel_directory_each(&base->files, visit_hwmon, opening, "%s/%s/device/hwmon", cards_path,
                          name);
    if (!opening->hwmon[0])
        return;
    char directory[160];
    snprintf(directory, sizeof directory, "%.32s/device/hwmon/%s", name, opening->hwmon);
    if (!open_first(base, &card->power, directory, watts))
        open_first(base, &card->energy, directory, (const char *const[]){"energy1_input", NULL});
    open_first(base, &card->sensor.input, directory, (const char *const[]){"temp1_input", NULL});
    open_first(base, &card->sensor.fault, directory, (const char *const[]){"temp1_fault", NULL});
    if (!card->frequency.there &&
        open_first(base, &card->frequency, directory, (const char *const[]){"freq1_input", NULL}))
        card->frequency_unit = 1;
}

static void open_files(struct opening *opening, const char *name)
{
    struct machine_base *base = opening->base;
    struct machine_card *card = opening->card;
    static const char *const megahertz[] = {"gt_act_freq_mhz", "gt/gt0/rps_act_freq_mhz",
                                            "device/tile0/gt0/freq0/act_freq", NULL};
    static const char *const asleep[] = {"gt/gt0/rc6_residency_ms", "power/rc6_residency_ms",
                                         "device/tile0/gt0/gtidle/idle_residency_ms", NULL};
    open_first(base, &card->busy, name, (const char *const[]){"device/gpu_busy_percent", NULL});
    open_first(base, &card->memory, name, (const char *const[]){"device/mem_info_vram_used", NULL});
    open_first(base, &card->memory_total, name,
               (const char *const[]){"device/mem_info_vram_total", NULL});
    if (open_first(base, &card->frequency, name, megahertz))
        card->frequency_unit = 1000000;
    if (!card->busy.there)
        open_first(base, &card->idle, name, asleep);
    open_hwmon(opening, name);
}

/* What this card does not tell, and why. */
static void tell_missing(struct machine_base *base, struct machine_card *card, uint64_t vendor)
{
    const char *why = vendor == NVIDIA ? "NVML tells it, which is asked under profinject record"
                                       : "this card's driver does not tell it";
    const char *shared = vendor == INTEL ? "i915 and xe tell it of each program only" : why;
    struct {
        struct machine_series *series;
        bool there;
        const char *why;
    } rows[] = {
        {&card->busy_percent, card->busy.there || card->idle.there, why},
        {&card->used, card->memory.there, shared},
        {&card->total, card->memory_total.there, shared},
        {&card->sensor.degrees, card->sensor.input.there, why},
        {&card->watts, card->power.there || card->energy.there, why},
        {&card->mhz, card->frequency.there, why},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!rows[i].there)
            machine_series_silence(rows[i].series, base->log, rows[i].why);
}

static void add_series(struct machine_base *base, struct machine_card *card, const char *subject)
{
    machine_series_add(&card->busy_percent, base->log, RESOURCE_GPU_BUSY, subject);
    machine_series_add(&card->used, base->log, RESOURCE_GPU_MEMORY, subject);
    machine_series_add(&card->total, base->log, RESOURCE_GPU_MEMORY_TOTAL, subject);
    machine_series_add(&card->sensor.degrees, base->log, RESOURCE_GPU_TEMPERATURE, subject);
    machine_series_add(&card->watts, base->log, RESOURCE_GPU_POWER, subject);
    machine_series_add(&card->mhz, base->log, RESOURCE_GPU_MHZ, subject);
}

/* "card0", not "card0-DP-1", which is a socket of it, nor a virtual machine's screen. */
bool machine_gpu_name(struct kernel_files *files, const char *name, char *subject, size_t size)
{
    uint64_t number;
    const char *at = number_text_after(name, "card");
    if (!at || !number_text_next(&at, &number) || *at || strlen(name) > 12)
        return false;
    unsigned vendor = (unsigned)hex_once(files, name, "vendor");
    const char *company = vendor == AMD      ? "AMD"
                          : vendor == INTEL  ? "Intel"
                          : vendor == NVIDIA ? "NVIDIA"
                                             : NULL;
    if (!company)
        return false;
    unsigned device = (unsigned)hex_once(files, name, "device");
    if (kernel_file_once(files, "%s/%s/device/product_name", cards_path, name) > 0)
        snprintf(subject, size, "%s %s %.40s", name, company, files->text);
    else
        snprintf(subject, size, "%s %s %04x:%04x", name, company, vendor, device);
    return true;
}

static bool visit_card(void *context, const char *name)
{
    struct opening *opening = context;
    struct machine_base *base = opening->base;
    char subject[64];
    if (!machine_gpu_name(&base->files, name, subject, sizeof subject))
        return true;
    if (opening->gpus->count == MACHINE_CARDS_MAX)
        return false;
    opening->card = &opening->gpus->cards[opening->gpus->count++];
    add_series(base, opening->card, subject);
    open_files(opening, name);
    tell_missing(base, opening->card, hex_once(&base->files, name, "vendor"));
    return true;
}

void machine_gpus_open(struct machine_base *base, struct machine_gpus *gpus)
{
    static const enum resource all[] = {RESOURCE_GPU_BUSY,         RESOURCE_GPU_MEMORY,
                                        RESOURCE_GPU_MEMORY_TOTAL, RESOURCE_GPU_TEMPERATURE,
                                        RESOURCE_GPU_POWER,        RESOURCE_GPU_MHZ};
    struct opening opening = {.base = base, .gpus = gpus};
    kernel_directory_each(&base->files, visit_card, &opening, "%s", cards_path);
    for (size_t i = 0; !gpus->count && i < sizeof all / sizeof *all; i++)
        machine_series_none(base->log, all[i], "no graphics card is shown in /sys");
}

/* Busy is what it did not sleep: an upper limit, as it goes to sleep only after a while. */
static void look_at_sleep(struct machine_base *base, struct machine_card *card)
{
    int64_t value;
    uint64_t now_ns = base->files.now_ns, slept = card->idle_ms.sum, since_ns = card->idle_at_ns;
    if (!kernel_file_is_due(&base->files, &card->idle))
        return;
    int error = machine_number_read(base, &card->idle, 0, INT64_MAX, &value);
    if (error) {
        machine_series_fail(&card->busy_percent, base->log, "residency", error);
        return;
    }
    bool known = card->idle_ms.known;
    known = rising_count_step(&card->idle_ms, (uint64_t)value, 0) && known;
    card->idle_at_ns = now_ns;
    if (!known || now_ns <= since_ns)
        return;
    double asleep = (double)(card->idle_ms.sum - slept) * 1e6 / (double)(now_ns - since_ns);
    machine_series_put(&card->busy_percent, base->log,
                       asleep >= 1 ? 0 : (int64_t)(100 - asleep * 100 + 0.5));
}

static void look_at_energy(struct machine_base *base, struct machine_card *card)
{
    int64_t value;
    uint64_t now_ns = base->files.now_ns, used = card->energy_uj.sum;
    if (!kernel_file_is_due(&base->files, &card->energy))
        return;
    int error = machine_number_read(base, &card->energy, 0, INT64_MAX, &value);
    bool known = card->energy_uj.known;
    if (error) {
        machine_series_fail(&card->watts, base->log, "energy1_input", error);
        return;
    }
    known = rising_count_step(&card->energy_uj, (uint64_t)value, 0) && known;
    uint64_t lasted_ns = now_ns - card->energy_at_ns;
    card->energy_at_ns = now_ns;
    double watts =
        known && lasted_ns ? (double)(card->energy_uj.sum - used) * 1e9 / (double)lasted_ns : -1;
    if (watts >= 0 && watts < (double)MICROWATTS_MAX)
        machine_series_put(&card->watts, base->log, (int64_t)watts);
}

/* In units of 1/1000 MHz. */
static void look_at_frequency(struct machine_base *base, struct machine_card *card)
{
    int64_t value;
    if (!kernel_file_is_due(&base->files, &card->frequency))
        return;
    int64_t unit = (int64_t)card->frequency_unit;
    int error = machine_number_read(base, &card->frequency, 0, HERTZ_MAX / unit, &value);
    if (error)
        machine_series_silence(&card->mhz, base->log, kernel_error_text(error));
    else
        machine_series_put(&card->mhz, base->log, value * unit / 1000);
}

void machine_gpus_look(struct machine_base *base, struct machine_gpus *gpus)
{
    const int64_t bytes_max = INT64_C(1) << 50;
    for (unsigned i = 0; i < gpus->count; i++) {
        struct machine_card *card = &gpus->cards[i];
        machine_number_look(base, &card->busy, &card->busy_percent, 1, 0, 100);
        look_at_sleep(base, card);
        machine_number_look(base, &card->memory, &card->used, 1, 0, bytes_max);
        machine_number_look(base, &card->memory_total, &card->total, 1, 0, bytes_max);
        machine_sensor_look(base, &card->sensor);
        machine_number_look(base, &card->power, &card->watts, 1, 0, MICROWATTS_MAX);
        look_at_energy(base, card);
        look_at_frequency(base, card);
    }
}
