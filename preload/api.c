/*
 * The public interface (profinject.h): start and stop, state, and what the program
 * says of itself.
 */
#include "preload/profinject.h"

#include "preload/confinement.h"
#include "preload/control.h"
#include "preload/counters.h"
#include "preload/init.h"
#include "preload/nap.h"
#include "preload/regions.h"
#include "preload/sampler.h"
#include "preload/self_report.h"
#include "preload/session.h"
#include "preload/wait_objects.h"

#include <errno.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* A fork child that has not begun does so now. What strict mode forbids is as if closed. */
static bool is_open(void)
{
    if (confinement_is_strict_sigsafe())
        return false;
    nap_stir();
    return session_is_open();
}

/* Likewise; and what is told from now on is where it outlives the process. */
static bool is_open_to_tell(void)
{
    nap_wake();
    return session_is_open();
}

PROFINJECT_API int profinject_start(void)
{
    int status = 0;
    if (confinement_is_strict_sigsafe())
        return -EPERM;
    pthread_mutex_lock(&lock);
    bool was_open = is_open();
    if (!was_open)
        status = init_late();
    if (status == 0 && !was_open)
        control_start(); /* for --duration; it begins now in any case */
    if (status == 0 && !sampler_enabled_sigsafe())
        control_switch(true);
    pthread_mutex_unlock(&lock);
    return status;
}

PROFINJECT_API int profinject_resume(void)
{
    if (!is_open())
        return -ESRCH;
    control_switch(true);
    return 0;
}

PROFINJECT_API int profinject_pause(void)
{
    if (is_open())
        control_switch(false);
    return 0;
}

PROFINJECT_API int profinject_stop(void)
{
    bool was_on = is_open() && sampler_enabled_sigsafe();
    profinject_pause();
    return was_on && !session_flush() ? -ETIMEDOUT : 0;
}

PROFINJECT_API int profinject_state(void)
{
    return is_open() && sampler_enabled_sigsafe() ? PROFINJECT_ON : PROFINJECT_OFF;
}

PROFINJECT_API void profinject_region_push(const char *name)
{
    if (is_open_to_tell())
        regions_push(name);
}

PROFINJECT_API void profinject_region_pop(void)
{
    if (is_open())
        regions_pop();
}

PROFINJECT_API void profinject_counter(const char *name, int64_t delta)
{
    if (is_open_to_tell() && name)
        counters_add(name, delta);
}

PROFINJECT_API void profinject_name_lock(const void *lock, const char *name)
{
    if (is_open_to_tell() && lock && name)
        wait_objects_name((uint64_t)lock, name);
}

static int write_report(const char *const *arguments)
{
    int status = -ESRCH;
    pthread_mutex_lock(&lock);
    if (is_open())
        status = session_flush() ? self_report(arguments, session_trace()) : -ETIMEDOUT;
    pthread_mutex_unlock(&lock);
    return status;
}

PROFINJECT_API int profinject_write_json(const char *path)
{
    const char *const arguments[] = {"export", "--format", "json", "-o", path, NULL};
    return path ? write_report(arguments) : -EINVAL;
}

PROFINJECT_API int profinject_write_summary(const char *path)
{
    const char *const arguments[] = {"report", "--all", "-o", path, NULL};
    return path ? write_report(arguments) : -EINVAL;
}
