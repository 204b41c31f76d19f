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

#ifdef __cplusplus
}
#endif

#endif
