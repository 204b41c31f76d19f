/*
 * The public interface (profinject.h): start, stop, state.
 */
#include "preload/profinject.h"

#include "preload/init.h"
#include "preload/sampler.h"
#include "preload/session.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

PROFINJECT_API int profinject_start(void)
{
    int status = 0;
    pthread_mutex_lock(&lock);
    if (!session_is_open())
        status = init_late();
    if (status == 0 && !sampler_enabled_sigsafe())
        session_resume();
    pthread_mutex_unlock(&lock);
    return status;
}

PROFINJECT_API int profinject_stop(void)
{
    pthread_mutex_lock(&lock);
    if (session_is_open() && sampler_enabled_sigsafe())
        session_pause();
    pthread_mutex_unlock(&lock);
    return 0;
}

PROFINJECT_API int profinject_state(void)
{
    return session_is_open() && sampler_enabled_sigsafe() ? PROFINJECT_ON : PROFINJECT_OFF;
}
