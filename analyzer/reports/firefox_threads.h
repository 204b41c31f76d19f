/*
 * What threads of a file of the Firefox Profiler hold of their own: samples, and markers for waits,
 * regions and processors that were slowed down. Part of export_firefox.c.
 *
 * Owns its memory. Profile and tables must outlive it.
 */
#ifndef PROFINJECT_REPORTS_FIREFOX_THREADS_H
#define PROFINJECT_REPORTS_FIREFOX_THREADS_H

#include "analyzer/model/throttle.h"
#include "analyzer/reports/firefox_tables.h"
#include "analyzer/reports/thread_samples.h"

struct firefox_threads {
    struct firefox_tables *tables;
    struct thread_samples samples;
    struct throttle *throttle; /* NULL: nothing tells how fast processors were */
    uint64_t start_ns;         /* of the profile: all times are since then */
    uint32_t *row_of;   /* by thread of the profile; FIREFOX_NONE: there is nothing to show */
    uint32_t *waits;    /* numbers in profile->singles, those of one thread side by side */
    size_t *first_wait; /* of each thread's; one more for the end */
};

void firefox_threads_init(struct firefox_threads *threads, struct firefox_tables *tables);
void firefox_threads_release(struct firefox_threads *threads);

void firefox_threads_write(struct firefox_threads *threads, struct json *json);

/* What the markers' members mean. */
void firefox_threads_write_schema(struct json *json);

/* The row of the process's first thread; FIREFOX_NONE: it has none. */
uint32_t firefox_threads_main(const struct firefox_threads *threads, uint32_t process);

/* The process's name there, unlike that of others with the same pid: "123", "123.1"; free(). */
char *firefox_threads_pid(const struct profile_process *process);

/* Milliseconds since the profile's start. */
void firefox_threads_write_time(const struct firefox_threads *threads, struct json *json,
                                const char *key, uint64_t time_ns);

#endif
