/*
 * The dlclose hook. Its own file because what goes away with a library, rules,
 * states, names, lies in three modules. dlopen is never interposed: that would
 * break RUNPATH and $ORIGIN, which depend on the caller.
 */
#include "preload/modules.h"
#include "preload/profinject.h"
#include "preload/servant.h"
#include "preload/session.h"
#include "preload/unwind_libunwind.h"
#include "preload/unwind_rules.h"

#include <dlfcn.h>

#define NAMES_TIMEOUT_MS 100

typedef int dlclose_function(void *);

PROFINJECT_API int dlclose(void *handle)
{
    dlclose_function *real = (dlclose_function *)dlsym(RTLD_NEXT, "dlclose");
    if (!session_is_ours())
        return real(handle);
    servant_flush(NAMES_TIMEOUT_MS); /* while /proc still names what is about to go */
    hard_states_forget();
    modules_begin_closing();
    modules_advance_generation();
    unwind_rules_forget();
    int status = real(handle);
    /* Once more: handlers may have made rules of it while it went. */
    modules_advance_generation();
    unwind_rules_forget();
    modules_end_closing();
    return status;
}
