/*
 * The public interface (profinject.h): start and stop, state, and what the program
 * says of itself.
 */
#include "preload/profinject.h"

#include "preload/analysis.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
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
#include <stdio.h>
#include <unistd.h>

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

/* With the lock: a recording that has to be begun goes to `output`, NULL: where the settings say. */
static int start(const char *output)
{
    bool was_open = is_open();
    int status = was_open ? 0 : init_late(output);
    if (status == 0 && !was_open)
        control_start(); /* for --duration; it begins now in any case */
    if (status == 0 && !sampler_enabled_sigsafe())
        control_switch(true);
    return status;
}

PROFINJECT_API int profinject_start(void)
{
    if (confinement_is_strict_sigsafe())
        return -EPERM;
    pthread_mutex_lock(&lock);
    int status = start(NULL);
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

/* --- sessions: under the lock -------------------------------------------------------- */

static struct {
    pid_t process; /* whose it is; 0: there is none */
    uint64_t from_ns;
    bool was_on, began; /* sampling was on before; the recording is its own */
    char directory[PATH_MAX];
} part;

static int begin_part(const char *directory)
{
    static char recording[PATH_MAX + sizeof ANALYSIS_RECORDING];
    if (part.process == getpid())
        return -EBUSY;
    int status = analysis_prepare(directory, part.directory);
    if (status != 0)
        return status;
    snprintf(recording, sizeof recording, "%s/" ANALYSIS_RECORDING, part.directory);
    part.began = !is_open();
    part.was_on = !part.began && sampler_enabled_sigsafe();
    status = start(recording);
    if (status == 0) {
        part.process = getpid();
        part.from_ns = libc_clock_now_sigsafe();
    }
    return status;
}

static int end_part(void)
{
    if (part.process != getpid())
        return -ESRCH;
    part.process = 0;
    uint64_t to_ns = libc_clock_now_sigsafe(), start_ns = session_start_ns();
    if (!part.was_on)
        profinject_pause();
    if (!session_flush())
        return -ETIMEDOUT;
    return part.began ? analysis_write(part.directory, session_trace(), 0, 0)
                      : analysis_write(part.directory, session_trace(), part.from_ns - start_ns,
                                       to_ns - start_ns);
}

PROFINJECT_API int profinject_session_begin(const char *directory)
{
    if (confinement_is_strict_sigsafe())
        return -EPERM;
    if (!directory || !*directory)
        return -EINVAL;
    int saved_errno = errno;
    pthread_mutex_lock(&lock);
    int status = begin_part(directory);
    pthread_mutex_unlock(&lock);
    errno = saved_errno;
    return status;
}

PROFINJECT_API int profinject_session_end(void)
{
    if (confinement_is_strict_sigsafe())
        return -EPERM;
    int saved_errno = errno;
    pthread_mutex_lock(&lock);
    int status = end_part();
    pthread_mutex_unlock(&lock);
    errno = saved_errno;
    return status;
}

PROFINJECT_API int profinject_profile_call(const char *directory, void (*function)(void *argument),
                                           void *argument)
{
    int begun = profinject_session_begin(directory);
    function(argument);
    return begun != 0 ? begun : profinject_session_end();
}
