/*
 * profinject's interface for programs: start and stop the profiler from inside.
 *
 * The declarations are weak: a program that uses them links and runs without the
 * library, where their addresses are null:
 *
 *     if (profinject_start)
 *         profinject_start();
 *
 * Callable from C and C++, from any thread, not from signal handlers.
 */
#ifndef PROFINJECT_H
#define PROFINJECT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef PROFINJECT_BUILDING
#define PROFINJECT_API __attribute__((visibility("default")))
#else
#define PROFINJECT_API __attribute__((weak))
#endif

/* What profinject_state() says. */
enum profinject_state {
    PROFINJECT_OFF = 0, /* not sampling */
    PROFINJECT_ON = 1,  /* sampling */
};

/*
 * Starts sampling. In a program that was started with the library it goes on with
 * the trace of the process; in one that loaded it by dlopen it begins a recording
 * as the PROFINJECT_* variables say, without memory counts. Returns 0, also when
 * sampling is on already, or a negative errno.
 */
PROFINJECT_API int profinject_start(void);

/* Stops sampling and writes out what was taken. Returns 0, also when sampling is
 * off already, or a negative errno. */
PROFINJECT_API int profinject_stop(void);

/* As start and stop, but _resume never begins a recording (-ESRCH without one), and
 * _pause leaves the writing for later: cheap enough around a request. */
PROFINJECT_API int profinject_resume(void);
PROFINJECT_API int profinject_pause(void);

/* One of enum profinject_state. */
PROFINJECT_API int profinject_state(void);

/*
 * The calling thread enters a region named `name`, and leaves the one it entered last.
 * Reports show a region's calls, wall time and CPU time, and `--region NAME` only what
 * was sampled inside. The name is looked up by content, up to 55 bytes of it; the same
 * name inside another region is another region. Regions nest 64 deep, 1023 paths in
 * all. Each call reads a clock: some tens of nanoseconds. A fork child goes on inside
 * the regions of its parent; a thread that ends leaves its own.
 */
PROFINJECT_API void profinject_region_push(const char *name);
PROFINJECT_API void profinject_region_pop(void);

/*
 * Adds `delta` to the calling thread's counter `name` (up to 32 counters of 55 bytes).
 * What was added is charged to the thread's next sample: `--metric NAME` shows by
 * function where it came from; totals are exact.
 */
PROFINJECT_API void profinject_counter(const char *name, int64_t delta);

/*
 * Gives a lock (or condition, semaphore, barrier) at that address a name, up to 175 bytes, for
 * reports of who waits for it. One that has been given stays; of static ones the symbol is
 * known without. Names have room for 1023 objects with files and peers.
 */
PROFINJECT_API void profinject_name_lock(const void *lock, const char *name);

/*
 * Writes what was taken so far, of this process, to the file `path`: as `profinject
 * export --format json`, or as `profinject report --all`. Runs the analyzer that was
 * installed with the library and waits for it. Returns 0, or a negative errno: -ESRCH
 * without a recording, -ENOENT without the analyzer, -EIO when it failed.
 */
PROFINJECT_API int profinject_write_json(const char *path);
PROFINJECT_API int profinject_write_summary(const char *path);

/*
 * A session: what a part of the run did, with the machine beside it, and its analysis.
 *
 * profinject_session_begin() makes `directory` (or takes one that has no results yet) and starts
 * sampling. In a program started with the library the session is a part of its recording; in one that
 * loaded it by dlopen it begins a recording in DIRECTORY/recording, of which later sessions are parts.
 * profinject_session_end() stops sampling, where it was off before, runs the analyzer that was
 * installed with the library, waits for it, and leaves in the directory, of this process and the time
 * between both calls:
 *
 *     trace.pinj       the binary trace so far, for every command that reads recordings
 *     report.json      functions, waits, memory; what limits it, scores, recommendations
 *     correlate.json   resources, and the functions they go with
 *     dashboard.html   one page that needs nothing else
 *
 * Any thread may end what another began; all threads are in it. There is one at a time. A fork
 * child has none. What an analyzer could not write is not there; the rest is.
 *
 * begin: 0; -EBUSY when one has begun; -EINVAL without a name; -EEXIST when the directory has results
 * of another; -EPERM in strict seccomp mode; or a negative errno of making it, or of the recording.
 * Then nothing has begun. end: 0; -ESRCH when none has begun; -ENOENT without the analyzer; -EIO when
 * it failed or there was nothing to analyse, as in a session of some milliseconds; -ETIMEDOUT when the
 * trace could not be written. The session is over in any case.
 */
PROFINJECT_API int profinject_session_begin(const char *directory);
PROFINJECT_API int profinject_session_end(void);

/*
 * The two around a call of `function`, which is made in any case, once. Returns what begin, or else
 * end returned. A function that is left by an exception or longjmp leaves the session open.
 */
PROFINJECT_API int profinject_profile_call(const char *directory, void (*function)(void *argument),
                                           void *argument);

#ifdef __cplusplus
}
#endif

#endif
