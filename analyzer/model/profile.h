/*
 * The profile: what load/ makes of traces and what every report reads. It knows
 * no file format and no output format.
 *
 * A profile is built once by one thread (profile_add_*) and is then read only.
 * It owns everything it points to; strings are interned in `strings`, so equal
 * names are equal pointers. Numbers of processes, threads, frames and stacks are
 * indices into its arrays.
 *
 * Memory grows with distinct stacks per thread, not with samples.
 */
#ifndef PROFINJECT_MODEL_PROFILE_H
#define PROFINJECT_MODEL_PROFILE_H

#include "analyzer/model/allocations.h"
#include "analyzer/model/death.h"
#include "analyzer/model/entries.h"
#include "analyzer/model/handler_cost.h"
#include "analyzer/model/heap_chains.h"
#include "analyzer/model/heap_replay.h"
#include "analyzer/model/heap_timeline.h"
#include "analyzer/model/mapped_replay.h"
#include "analyzer/model/metric.h"
#include "analyzer/model/resources.h"
#include "analyzer/model/samples.h"
#include "analyzer/model/waits.h"
#include "analyzer/util/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_NATIVE,  /* a function, or a name made of module and offset */
    FRAME_INLINED, /* a function inlined into its caller frame */
    FRAME_KERNEL,
    FRAME_MARK, /* "[truncated]", "[broken stack]", "[profinject]": no code of the program */
};

/* One place in code. Two frames are equal when all fields are. */
struct frame {
    const char *function; /* demangled; never NULL, never empty */
    const char *file;     /* source file as in the debug information, or NULL */
    const char *module;   /* path of the mapped file, "[vdso]", or NULL */
    const char *build_id; /* of that file, in hex, or NULL */
    uint32_t line;        /* line at this frame's pc (call site for callers), 0 unknown */
    uint32_t decl_line;   /* line where the function starts, 0 unknown */
    enum frame_kind kind;
    uint64_t address; /* ELF virtual address of the lookup, 0 for marks */
};

#define STACK_NONE 0u /* the empty stack: above every outermost frame */

/* Node of the calling tree; a stack is the path from a node up to STACK_NONE. */
struct stack_node {
    uint32_t parent; /* stack of the caller */
    uint32_t frame;
    bool guessed; /* this frame was found by frame pointer or assumption */
};

/* Time off the processor is told apart by a frame below the leaf: FRAME_MARKs named
 * so. A stack that is nothing else: where the thread was is not known. */
#define PROFILE_MARK_BLOCKED "[off-CPU]" /* or wait_kind_mark() where a hook saw why */
#define PROFILE_MARK_RUNNABLE "[runnable]"

/* True of the name of a mark that stands below time off the processor. */
bool profile_is_off_mark(const char *name);

/* CPU time of threads of which no stack was taken. */
#define PROFILE_MARK_UNSAMPLED "[unsampled]"

#define REGION_NONE 0u /* outside every region */

/* A part of the run the program named itself (profinject_region_push). */
struct profile_region {
    const char *name, *path; /* path: names from the outermost on, by '/' */
    uint32_t parent;
    uint64_t count, total_ns, longest_ns; /* of those left; wall time, exact */
};

enum counter_kind {
    COUNTER_PROGRAM,
    COUNTER_HARDWARE,
    COUNTER_PER_THREAD, /* of the hardware, not known per stack */
};

/* A counter of the program's, or of the hardware. */
struct profile_counter {
    const char *name;
    enum counter_kind kind;
    int64_t total;
};

/* What one thread added to a counter, charged to a stack. */
struct profile_count {
    uint32_t thread, stack, region, counter;
    int64_t value;
};

/* What one thread allocated with one stack as its leaf in one region, as estimated from
 * samples or, where every block is known, exact: see profile_heap_sums(). */
struct profile_heap_site {
    uint32_t thread, stack, region;
    uint32_t number; /* in sites, timeline and chains of its process's heap */
};

/* What a scan of the memory at the end said of a block, as LeakSanitizer divides them. */
enum leak_kind {
    LEAK_UNKNOWN,  /* there was no scan */
    LEAK_DIRECT,   /* no pointer to it anywhere */
    LEAK_INDIRECT, /* pointers to it only in other lost blocks */
    LEAK_REACHABLE,
    LEAK_KINDS
};

/* Blocks one thread allocated with one stack as its leaf in one region that were not
 * freed when the trace ended. */
struct profile_leak {
    uint32_t thread, stack, region;
    enum leak_kind kind;
    struct heap_amount amount;
    uint64_t first_ns, last_ns; /* when the first and the last of them were allocated */
};

/* The scan for pointers at the end of a process. */
struct profile_leak_scan {
    bool done;
    bool whole;                 /* every block there is was recorded, or may be sampled */
    bool complete;              /* all memory and all threads were looked at */
    uint64_t bytes, left_bytes; /* looked at, and not */
    uint64_t begin_ns, length_ns;
    uint64_t threads, left_threads; /* whose registers are known, and not */
};

/* The heap of one process. Meaningless unless has_sites. */
struct profile_heap {
    bool has_sites;
    bool part;                      /* sums are of what was chosen of it, see choice.h */
    uint64_t interval;              /* mean bytes between samples, 0: every block is known */
    struct heap_amount allocated;   /* in all */
    struct heap_amount live, peak;  /* at the end; at the highest, which was at */
    uint64_t peak_ns;               /* CLOCK_MONOTONIC, 0: never anything */
    struct heap_sizes sizes;        /* of blocks allocated */
    struct heap_lives lifetimes;    /* of blocks freed */
    struct heap_sites sites;        /* the profile's, as are these: */
    struct heap_timeline *timeline; /* NULL: none was made */
    struct heap_chains *chains;
    uint64_t lost;          /* events dropped for want of room */
    uint64_t segments_lost; /* of exact events, up to 64 KiB of a thread's each */
    uint64_t unknown_frees; /* of blocks of which no allocation was seen */
    uint64_t missing_frees; /* of blocks whose addresses were given out again */
    struct profile_leak_scan scan;
};

/* What one thread mapped itself with one stack as its leaf in one region. */
struct profile_mapped_site {
    uint32_t thread, stack, region;
    struct mapped_site mapped;
};

/* The process's memory at a moment; bytes. */
struct profile_resident {
    uint64_t time_ns;                 /* CLOCK_MONOTONIC */
    uint64_t known;                   /* which of the others are: TRACE_RESIDENT_* */
    uint64_t resident, shared;        /* by the kernel's count; files' and shared memory's part */
    uint64_t live;                    /* of the heap's blocks, usable bytes */
    uint64_t held, held_resident;     /* where the allocator has its small blocks */
    uint64_t mapped, mapped_resident; /* by the program itself */
    uint64_t shmem;                   /* of `shared` */
    uint64_t large, large_resident, stacks, data, own, lazy, loose, huge,
        hugetlb;      /* as in the trace */
    const char *file; /* NULL: none */
    uint64_t file_resident, highest;
};

/* Memory beside the heap of one process. */
struct profile_mapped {
    bool is_known;
    const char *reason; /* why not, NULL: not said */
    uint64_t live, peak, peak_ns, lost;
    struct profile_resident *looks; /* in order of time */
    size_t look_count, look_capacity;
};

struct memory_totals {
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes; /* exact; usable bytes */
};

/* Where the time of a thread went, in the window, by the kernel's count: the first three add up to
 * `wall_ns`. */
struct thread_time {
    bool known, has_runnable, has_switches, has_migrations;
    uint64_t cpu_ns, runnable_ns, blocked_ns, wall_ns;
    uint64_t hooked_ns,
        looked_ns; /* of it blocked: in calls that hooks saw, where looks found it */
    uint64_t voluntary, involuntary, migrations; /* of the whole run */
};

struct profile_thread {
    uint32_t process;
    int32_t tid;
    const char *name;
    uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC; end is the last event when it still lived */
    uint64_t cpu_ns;           /* by the thread's own CPU clock, exact */
    uint64_t paused_ns;        /* of it: while nothing was to be sampled */
    uint64_t sampled_ns;       /* what its stacks stand for */
    uint64_t rest_ns;          /* what was charged to the last of them at its end */
    uint64_t samples, lost;
    bool foreign; /* not made by pthread_create: memory not counted */
    struct profile_last last;
    struct thread_time time;
    struct memory_totals memory;
};

/* Stacks, and how many of them are not complete and exact. */
struct stack_quality {
    uint64_t stacks, truncated, guessed, broken;
};

/* Code from which there was no exact way on, in stacks of samples. */
struct profile_trouble {
    const char *module;    /* path, NULL: code outside all modules */
    uint64_t address;      /* where it was most often: ELF virtual, or the process's */
    uint64_t samples;      /* in that module */
    uint64_t most, places; /* at that address; addresses there */
};

/* What the runtime of a process told of code that it made. */
struct named_code {
    uint64_t map, dump;  /* names, by where they are from */
    uint64_t unreadable; /* lines and records that are none */
    const char *reason;  /* why there is less than there could be, NULL */
};

enum process_end { END_UNKNOWN, END_EXIT, END_EXEC, END_SIGNAL };

struct profile_property {
    const char *name, *value;
};

struct profile_process {
    int32_t pid, ppid;
    uint32_t image; /* how many program images of this process were before it */
    const char *comm, *exe;
    const char
        *command; /* argv joined by blanks, shell-quoted where needed; comm when not recorded */
    const char *trace;         /* path of the trace file it came from */
    const char *recording;     /* as of a resource_series; "": none followed its machine */
    uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
    uint64_t cpu_ns;           /* all threads, from the process CPU clock when it ended */
    uint64_t start_realtime_ns;
    uint64_t brief_children; /* fork children that ended before there was anything to tell of */
    uint64_t brief_ns;       /* them, but their CPU time, all together */
    enum process_end end;
    int end_status; /* exit status or signal number */
    struct profile_death death;
    const char *clock, *unwinder;
    uint64_t frequency_asked, weight_unit_ns;
    bool has_wall;                           /* time of its threads off the processor is known, */
    bool has_runnable;                       /* and how much of it they were ready to run, */
    bool has_scheduling;                     /* by the kernel's count */
    bool has_waits;                          /* hooks saw what they waited for */
    uint64_t looks_asked, looks, looking_ns; /* per second; how many, in how much time */
    struct named_code named_code;
    bool has_memory;
    const char *memory_reason;   /* why not, when !has_memory */
    const char *counters;        /* of the hardware: "by sample", "by thread", or NULL */
    const char *counters_reason; /* why not, NULL when the trace does not say */
    uint64_t bytes;              /* size of the trace file */
    uint64_t chunks, chunks_damaged;
    /* Of a trace that rotates: what was dropped, and when what is kept begins. */
    uint64_t chunks_before, records_before, kept_from_ns;
    uint64_t records_missing;                  /* of the damaged chunks, and of so many */
    uint64_t chunks_untold;                    /* nobody can say how many they had */
    uint64_t recovered_records;                /* records read beyond damage or from rings */
    uint64_t truncated, guessed, broken;       /* samples whose stack is so */
    uint64_t unwinding[TRACE_UNWINDING_COUNT]; /* what handlers counted, enum trace_unwinding */
    struct stack_quality offcpu;               /* of stacks taken off the processor */
    struct handler_cost handler;               /* all 0 when not measured */
    struct profile_heap heap;
    struct profile_mapped mapped;
    struct profile_property *properties; /* everything the trace says of itself */
    size_t property_count;
};

struct profile {
    struct strings *strings;
    struct profile_process *processes;
    size_t process_count, process_capacity;
    struct profile_thread *threads;
    size_t thread_count, thread_capacity;
    struct frame *frames;
    size_t frame_count, frame_capacity;
    struct stack_node *stacks; /* [STACK_NONE] is the empty stack */
    size_t stack_count, stack_capacity;
    struct entries entries;
    struct samples samples;         /* in order of time; none unless they were asked for */
    struct allocations allocations; /* likewise */
    struct resources resources;
    bool has_throttled; /* METRIC_THROTTLED_CPU is known; never unless samples were asked for */
    struct profile_heap_site *heap_sites;
    size_t heap_site_count, heap_site_capacity;
    struct profile_mapped_site *mapped_sites;
    size_t mapped_site_count, mapped_site_capacity;
    struct profile_wait *waits;
    size_t wait_count, wait_capacity;
    struct profile_single *singles; /* in order of their ends, per process */
    size_t single_count, single_capacity;
    uint64_t singles_left;          /* for which there was no room when they were loaded */
    struct profile_object *objects; /* of waits */
    size_t object_count, object_capacity;
    struct profile_leak *leaks; /* none unless they were asked for */
    size_t leak_count, leak_capacity;
    struct profile_moment *moments; /* of processes that died; by thread, in order */
    size_t moment_count, moment_capacity;
    struct profile_region *regions; /* [REGION_NONE] is none; empty when there are none */
    size_t region_count, region_capacity;
    struct profile_counter *counters;
    size_t counter_count, counter_capacity;
    struct profile_count *counts;
    size_t count_count, count_capacity;
    const char *kept; /* how much of the recording there is still, in words; NULL: all of it */
    const char *part; /* what was asked for, in words: the rest was left out; NULL: all of it */
    bool is_window;   /* a part of the run's time was asked for */
    uint64_t from_ns, to_ns;          /* CLOCK_MONOTONIC; 0 and UINT64_MAX: all of it */
    bool is_narrowed;                 /* so were threads, processes, stacks or regions */
    bool counter_chosen;              /* METRIC_COUNTER holds one of them */
    struct profile_trouble *troubles; /* most samples first */
    size_t trouble_count, trouble_capacity;
    const char **messages; /* what was lost or recovered while reading, one line each */
    size_t message_count, message_capacity;
    struct profile_index *index; /* lookup tables while building */
};

struct profile *profile_new(void);
void profile_free(struct profile *profile); /* NULL is allowed */

/* Append one and return its number. The pointed-to strings must be interned in
 * profile->strings; process `properties`, `mapped.looks`, and sites, timeline and chains of
 * its heap, become the profile's (malloc). */
void profile_heap_release(struct profile_heap *heap); /* one that did not become so */
uint32_t profile_add_process(struct profile *profile, const struct profile_process *process);
uint32_t profile_add_thread(struct profile *profile, const struct profile_thread *thread);

/* Find or add. */
uint32_t profile_add_frame(struct profile *profile, const struct frame *frame);
uint32_t profile_add_stack(struct profile *profile, uint32_t parent, uint32_t frame, bool guessed);

/* `stack`, or if its leaf is the function of `frame` too, its caller: where the frame goes if direct
 * recursion is to be one frame. That one is the innermost: its line is the one that ran. */
uint32_t profile_fold_recursion(const struct profile *profile, uint32_t stack, uint32_t frame);

/* Appends `site`, of a process that is there, and adds its values to the entry of the same
 * thread, stack, region. */
void profile_add_heap_site(struct profile *profile, const struct profile_heap_site *site);

/* What is known of the site. */
struct heap_site profile_heap_sums(const struct profile *profile,
                                   const struct profile_heap_site *site);

/* What the site has of a metric of the heap, with its error; false: it is another metric. */
bool profile_heap_estimate(const struct profile *profile, const struct profile_heap_site *site,
                           enum metric metric, struct estimate *estimate);

/* Likewise. */
void profile_add_mapped_site(struct profile *profile, const struct profile_mapped_site *site);

/* Append; entries are added for themselves. */
void profile_add_wait(struct profile *profile, const struct profile_wait *wait);
void profile_add_single(struct profile *profile, const struct profile_single *single);
void profile_add_object(struct profile *profile, const struct profile_object *object);

void profile_add_moment(struct profile *profile, const struct profile_moment *moment);
void profile_add_leak(struct profile *profile, const struct profile_leak *leak);

void profile_add_trouble(struct profile *profile, const struct profile_trouble *trouble);
void profile_add_message(struct profile *profile, const char *text); /* copied */

/* What the trace says of itself under that name, NULL: nothing. */
const char *profile_property(const struct profile_process *process, const char *name);

/* Sums over all entries. */
int64_t profile_total(const struct profile *profile, enum metric metric);

/* True when the recording holds the metric (memory was counted, say). */
bool profile_has_metric(const struct profile *profile, enum metric metric);

/* Mean bytes between sampled allocations, the largest of the processes; 0: every block is
 * known, or no heap. */
uint64_t profile_heap_interval(const struct profile *profile);

/* Events of a heap were lost: figures are not exact, wherever every block is to be known. */
bool profile_heap_lost(const struct profile *profile);

/* Total of a metric of the heap with its error; false: it is another metric. */
bool profile_heap_total(const struct profile *profile, enum metric metric, struct estimate *total);

/* Start of the first process, CLOCK_MONOTONIC; UINT64_MAX when none is known. */
uint64_t profile_start_ns(const struct profile *profile);

/* Wall time from the first process's start to the last event, ns. */
uint64_t profile_wall_ns(const struct profile *profile);

#endif
