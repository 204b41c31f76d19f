/*
 * What machine.c is made of: a part for each kind of source, all alike. `open` finds out what
 * there is and adds its series; `look` puts values, of what changes slowly only when `slow`.
 * Nothing but machine.c and the parts themselves include this; threading as in machine.h.
 */
#ifndef PROFINJECT_RESOURCES_MACHINE_PARTS_H
#define PROFINJECT_RESOURCES_MACHINE_PARTS_H

#include "preload/resources/kernel_files.h"
#include "preload/resources/machine_series.h"

#define MACHINE_CORES_MAX 1024u
#define MACHINE_CORES_FAST 32u /* more are looked at one by one only once a second */
#define MACHINE_DISKS_MAX 128u
#define MACHINE_INTERFACES_MAX 64u
#define MACHINE_ZONES_MAX 64u
#define MACHINE_SENSORS_MAX 256u
#define MACHINE_SUPPLIES_MAX 16u
#define MACHINE_CARDS_MAX 16u
#define MACHINE_NAME_MAX 32u

/* What all parts share. */
struct machine_base {
    struct kernel_files files;
    struct resource_log *log;
    unsigned cores;      /* one more than the highest that /sys has, on or off */
    bool slow;           /* this look is at all */
    double busy, change; /* see machine_load(), machine_look() */
};

/* /proc/stat and loadavg */
enum machine_ticks { TICKS_USER, TICKS_SYSTEM, TICKS_IRQ, TICKS_IOWAIT, TICKS_STEAL, TICKS_COUNT };

struct machine_core {
    uint64_t ticks[TICKS_COUNT]; /* as read last */
    uint64_t busy_ticks;         /* of all increases */
    bool known, seen;
    struct machine_series busy;
};

struct machine_cpu {
    struct kernel_file stat, loadavg;
    struct machine_core all, *cores; /* MACHINE_CORES_MAX */
    unsigned count;                  /* one more than the highest seen */
    uint64_t tick_ns;
    uint64_t sums_ns[TICKS_COUNT], busy_ns; /* of all, divided by the processors there were */
    bool many;                              /* more than MACHINE_CORES_MAX */
    struct rising_count switches, interrupts, forks;
    struct machine_series busy_all, parts[TICKS_COUNT], switch_rate, interrupt_rate, fork_rate,
        runnable, loads[3];
    uint64_t at_ns; /* when it was read last */
    double last_busy;
};
void machine_cpu_open(struct machine_base *base, struct machine_cpu *cpu);
void machine_cpu_look(struct machine_base *base, struct machine_cpu *cpu);

/* cpufreq of each processor, or /proc/cpuinfo */
struct machine_clock {
    struct kernel_file current;
    struct machine_series mhz, nominal;
    int64_t nominal_khz; /* 0: not known */
    int64_t seen_khz;    /* in the text that is being read */
};

struct machine_frequency {
    struct kernel_file cpuinfo;   /* when there is no cpufreq */
    struct machine_clock *clocks; /* MACHINE_CORES_MAX */
    unsigned count;
    bool told; /* that there is none */
};
void machine_frequency_open(struct machine_base *base, struct machine_frequency *frequency);
void machine_frequency_look(struct machine_base *base, struct machine_frequency *frequency);

/* thermal_throttle of each core and each package */
struct machine_brake {
    struct kernel_file count, time;
    struct rising_count counted, timed;
    struct machine_series throttles, throttled;
};

struct machine_throttle {
    struct machine_brake *brakes; /* 2 for each processor at most */
    unsigned count;
};
void machine_throttle_open(struct machine_base *base, struct machine_throttle *throttle);
void machine_throttle_look(struct machine_base *base, struct machine_throttle *throttle);

/* /proc/meminfo, vmstat */
struct machine_memory {
    struct kernel_file meminfo, vmstat;
    struct machine_series total, available, free, cached, dirty, swap;
    struct machine_series swap_in, swap_out, reclaimed, faults, major_faults, oom_kills;
    struct rising_count counts[6];
    uint64_t page_size, last_available;
};
void machine_memory_open(struct machine_base *base, struct machine_memory *memory);
void machine_memory_look(struct machine_base *base, struct machine_memory *memory);

/* /proc/diskstats */
enum machine_disk_count {
    DISK_READS,
    DISK_READ,
    DISK_WRITES,
    DISK_WRITTEN,
    DISK_BUSY,
    DISK_COUNTS
};

struct machine_disk {
    char name[MACHINE_NAME_MAX];
    bool followed; /* else it is known not to be a disk of its own */
    bool seen;     /* in this look */
    struct machine_series series[DISK_COUNTS];
    struct rising_count counts[DISK_COUNTS];
};

struct machine_disks {
    struct kernel_file diskstats;
    struct machine_disk *disks; /* MACHINE_DISKS_MAX */
    unsigned count;
    bool has_sysfs;
    bool empty, many, told; /* no disk was found, and that was told; too many, likewise */
};
void machine_disks_open(struct machine_base *base, struct machine_disks *disks);
void machine_disks_look(struct machine_base *base, struct machine_disks *disks);

/* /proc/net/dev, snmp */
enum machine_net_count {
    NET_RECEIVED,
    NET_PACKETS_IN,
    NET_SENT,
    NET_PACKETS_OUT,
    NET_DROPS,
    NET_COUNTS
};

struct machine_interface {
    char name[MACHINE_NAME_MAX];
    bool followed, seen;
    struct machine_series series[NET_COUNTS];
    struct rising_count counts[NET_COUNTS];
};

struct machine_network {
    struct kernel_file dev, snmp;
    struct machine_interface *interfaces; /* MACHINE_INTERFACES_MAX */
    unsigned count;
    bool has_hardware; /* at least one has a device: those that have none are not followed */
    bool empty, many, told;
    struct machine_series retransmits;
    struct rising_count retransmitted;
};
void machine_network_open(struct machine_base *base, struct machine_network *network);
void machine_network_look(struct machine_base *base, struct machine_network *network);

/* /proc/pressure */
struct machine_pressure {
    struct kernel_file files[3];
    struct machine_series some[3], full[3];
    struct rising_count some_counts[3], full_counts[3];
};
void machine_pressure_open(struct machine_base *base, struct machine_pressure *pressure);
void machine_pressure_look(struct machine_base *base, struct machine_pressure *pressure);

/* powercap */
struct machine_zone {
    struct kernel_file energy;
    uint64_t range;
    struct rising_count count;
    struct machine_series watts;
};

struct machine_power {
    struct machine_zone *zones; /* MACHINE_ZONES_MAX */
    unsigned count;
};
void machine_power_open(struct machine_base *base, struct machine_power *power);
void machine_power_look(struct machine_base *base, struct machine_power *power);

/* power_supply: batteries and mains */
struct machine_supply {
    struct kernel_file power, current, voltage, status, capacity, online;
    struct machine_series watts, charge, ac;
};

struct machine_supplies {
    struct machine_supply *supplies; /* MACHINE_SUPPLIES_MAX */
    unsigned count, batteries, mains;
};
void machine_supplies_open(struct machine_base *base, struct machine_supplies *supplies);
void machine_supplies_look(struct machine_base *base, struct machine_supplies *supplies);

/* thermal zones and hwmon */
struct machine_sensor {
    struct kernel_file input, fault, mode;
    struct machine_series degrees;
};

struct machine_thermal {
    struct machine_sensor *sensors; /* MACHINE_SENSORS_MAX */
    unsigned count, left_out;
};
void machine_thermal_open(struct machine_base *base, struct machine_thermal *thermal);
void machine_thermal_look(struct machine_base *base, struct machine_thermal *thermal);

/* Reads one sensor of thousandths of a degree and puts it, or why not: one that fails, says that
 * it does, or gives what no processor has. */
void machine_sensor_look(struct machine_base *base, struct machine_sensor *sensor);

/* graphics cards in /sys/class/drm */
struct machine_card {
    struct kernel_file busy, idle, memory, memory_total, power, energy, frequency;
    struct machine_sensor sensor;
    struct machine_series busy_percent, used, total, watts, mhz;
    struct rising_count idle_ms, energy_uj;
    uint64_t idle_at_ns, energy_at_ns;
    uint64_t frequency_unit; /* Hz of what `frequency` counts */
};

struct machine_gpus {
    struct machine_card *cards; /* MACHINE_CARDS_MAX */
    unsigned count;
};
void machine_gpus_open(struct machine_base *base, struct machine_gpus *gpus);
void machine_gpus_look(struct machine_base *base, struct machine_gpus *gpus);

/* "card0 AMD 1002:744c" of "card0" in /sys/class/drm, or with a name where the driver knows one.
 * False when that is no card that computes. */
bool machine_gpu_name(struct kernel_files *files, const char *name, char *subject, size_t size);

/* Puts the one number that `file` holds, times `unit`; or why not. False when it did not: the
 * file is not due, or there is no sound number in it. Not below `least`, nor above `most`. */
bool machine_number_look(struct machine_base *base, struct kernel_file *file,
                         struct machine_series *series, int64_t unit, int64_t least, int64_t most);

/* The number in `file`: 0, or a negative errno, -ERANGE beyond these limits. */
int machine_number_read(struct machine_base *base, struct kernel_file *file, int64_t least,
                        int64_t most, int64_t *value);

#endif
