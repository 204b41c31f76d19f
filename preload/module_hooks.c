/*
 * The dlclose hook. Its own file because what goes away with a library, rules,
 * states, names, lies in three modules. dlopen is never interposed: that would
 * break RUNPATH and $ORIGIN, which depend on the caller. Beside it what libunwind asks
 * for: the way to modules, and a pipe.
 */
#include "preload/hard_states.h"
#include "preload/io_counts.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/servant.h"
#include "preload/session.h"
#include "preload/unwind_rules.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <unistd.h>

#define NAMES_TIMEOUT_MS 100

typedef int dlclose_function(void *);

PROFINJECT_API int dlclose(void *handle)
{
    dlclose_function *real = (dlclose_function *)dlsym(RTLD_NEXT, "dlclose");
    if (!session_is_ours())
        return real(handle);
    servant_flush(NAMES_TIMEOUT_MS); /* while /proc still names what is about to go */
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

typedef int phdr_callback(struct dl_phdr_info *, size_t, void *);

/* While the servant makes register states libunwind gets the one module it looks for,
 * without the loader's lock: a program that waits for the servant may hold it. */
PROFINJECT_API int dl_iterate_phdr(phdr_callback *callback, void *data)
{
    static int (*real)(phdr_callback *, void *);
    uint64_t pc = hard_states_asking();
    struct dl_phdr_info info;
    if (PLATFORM_UNLIKELY(pc != 0))
        return modules_describe_sigsafe(pc, &info) ? callback(&info, sizeof info, data) : 0;
    int (*next)(phdr_callback *, void *) = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "dl_iterate_phdr");
        __atomic_store_n(&real, next, __ATOMIC_RELAXED);
    }
    return next(callback, data);
}

/*
 * libunwind's own, by which it tries whether memory can be read, when it is first used. States are
 * made without; a target that uses libunwind gets the pipe when it comes to need it. Of ours its
 * numbers would be the target's, or of another table of descriptors and here some file's, into
 * which libunwind then writes.
 */
PROFINJECT_API int pipe2(int ends[2], int flags)
{
    static int (*real)(int *, int);
    if (PLATFORM_UNLIKELY(hard_states_asking() != 0)) {
        errno = EMFILE;
        return -1;
    }
    int (*next)(int *, int) = __atomic_load_n(&real, __ATOMIC_RELAXED);
    if (!next) {
        *(void **)&next = dlsym(RTLD_NEXT, "pipe2");
        __atomic_store_n(&real, next, __ATOMIC_RELAXED);
    }
    int status = next(ends, flags);
    if (status == 0) {
        io_counts_changed(ends[0]);
        io_counts_changed(ends[1]);
    }
    return status;
}
