/*
 * The hooks of pthread_create, and of C11's. Its own file because hooks are what the target sees of
 * us, and stay thin.
 */
#include "preload/thread_hooks.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/scheduling.h"
#include "preload/nap.h"
#include "preload/profinject.h"
#include "preload/regions.h"
#include "preload/threads.h"
#include "preload/waits.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#define STARTS_MAX 1024
#define DEFAULT_STACK_SIZE (8ull << 20)
#define YIELDS_MAX 100000    /* until a thread that was joined is gone */
#define LATE_NS 200000u      /* from its making: the thread was made to wait for a processor */
#define TCB_ROOM (64u << 10) /* thread data and guard within the stack's mapping */

/* What a thread runs, by POSIX or by C11. */
union thread_function {
    void *(*posix)(void *);
    int (*c11)(void *);
};

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* What a starting thread needs, from the creator's hands to its own. */
struct thread_start {
    union thread_function function;
    void *argument;
    uint64_t stack_size;
    uint64_t created_ns;
    int taken;
};

static create_function *real_create;
static pthread_key_t ending;
static bool ready;
static void (*last_ended)(void);
static uint32_t starting; /* threads made that did not attach yet */
static struct thread_start starts[STARTS_MAX];
static uint64_t default_stack_size = DEFAULT_STACK_SIZE;

bool thread_hooks_no_more(void)
{
    return !__atomic_load_n(&starting, __ATOMIC_ACQUIRE) && !threads_any_live();
}

/* Destructors of keys run in rounds for as long as some are set, after those of
 * C++ thread_local objects. Coming back in every round but the last, we see what
 * nearly all of them do. */
static void thread_ending(void *rounds)
{
    uintptr_t round = (uintptr_t)rounds;
    if (confinement_is_strict_sigsafe())
        return;
    nap_stir(); /* else the table is that of a parent's threads */
    if (round + 1 < PTHREAD_DESTRUCTOR_ITERATIONS)
        pthread_setspecific(ending, (void *)(round + 1));
    else {
        regions_leave_all();
        threads_detach_self();
        if (thread_hooks_no_more())
            last_ended();
    }
}

static create_function *find_real(void)
{
    create_function *found = __atomic_load_n(&real_create, __ATOMIC_RELAXED);
    if (!found) {
        found = (create_function *)dlsym(RTLD_NEXT, "pthread_create");
        __atomic_store_n(&real_create, found, __ATOMIC_RELAXED);
    }
    return found;
}

void thread_hooks_init(void (*when_last_ended)(void))
{
    pthread_attr_t defaults;
    size_t size;
    if (!find_real() || pthread_key_create(&ending, thread_ending) != 0)
        return;
    if (pthread_getattr_default_np(&defaults) == 0) {
        if (pthread_attr_getstacksize(&defaults, &size) == 0)
            default_stack_size = size;
        pthread_attr_destroy(&defaults);
    }
    last_ended = when_last_ended;
    ready = true;
}

void thread_hooks_follow_self(void)
{
    if (ready)
        pthread_setspecific(ending, (void *)1);
}

int thread_hooks_create_unhooked(pthread_t *thread, const pthread_attr_t *attributes,
                                 void *(*start)(void *), void *argument)
{
    create_function *create = find_real();
    return create ? create(thread, attributes, start, argument) : ENOSYS;
}

/* The kernel wakes the joiner before it counts one less, and forgets the thread's number
 * before it does so. The system call changes nothing, and fails while there are two. */
void thread_hooks_join_unhooked(pthread_t thread)
{
    pthread_join(thread, NULL);
    for (int i = 0; i < YIELDS_MAX && syscall(SYS_unshare, CLONE_THREAD) != 0; i++)
        sched_yield();
}

/* From a pool of our own: the target's heap is not ours to take from. NULL when
 * it is empty, and the thread is then found by the next scan. */
static struct thread_start *take_start(void)
{
    static uint32_t hint;
    uint32_t first = __atomic_fetch_add(&hint, 1, __ATOMIC_RELAXED);
    for (uint32_t i = 0; i < STARTS_MAX; i++) {
        struct thread_start *start = &starts[(first + i) % STARTS_MAX];
        int expected = 0;
        if (__atomic_compare_exchange_n(&start->taken, &expected, 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return start;
    }
    return NULL;
}

/* glibc lays a thread's stack right below its control block. */
static struct stack_bounds own_bounds(uint64_t stack_size)
{
    uint64_t high = platform_thread_pointer_sigsafe();
    uint64_t size = stack_size > 2 * TCB_ROOM ? stack_size - TCB_ROOM : 0;
    return (struct stack_bounds){.low = high - size, .high = high};
}

/* The calling thread, just made, becomes known. What it is to run is returned. */
static struct thread_start begin_thread(struct thread_start *given)
{
    struct thread_start start = *given;
    struct stack_bounds bounds = own_bounds(start.stack_size);
    __atomic_store_n(&given->taken, 0, __ATOMIC_RELEASE);

    threads_attach_self(&bounds);
    const struct thread *self = threads_current_sigsafe();
    if (self && libc_clock_now_sigsafe() - start.created_ns > LATE_NS && waits_are_watched())
        scheduling_begin_late(self->slot);
    __atomic_sub_fetch(&starting, 1, __ATOMIC_RELEASE);
    thread_hooks_follow_self();
    errno = 0; /* as a new thread finds it */
    return start;
}

static void *run_thread(void *argument)
{
    struct thread_start start = begin_thread(argument);
    return start.function.posix(start.argument);
}

static int run_c11_thread(void *argument)
{
    struct thread_start start = begin_thread(argument);
    return start.function.c11(start.argument);
}

/* NULL: the thread is made as if we were not there. */
static struct thread_start *prepare(union thread_function function, void *argument,
                                    uint64_t stack_size)
{
    struct thread_start *start = ready ? take_start() : NULL;
    if (!start)
        return NULL;
    start->function = function;
    start->argument = argument;
    start->stack_size = stack_size;
    start->created_ns = libc_clock_now_sigsafe();
    __atomic_add_fetch(&starting, 1, __ATOMIC_RELAXED);
    return start;
}

static void give_up(struct thread_start *start)
{
    __atomic_sub_fetch(&starting, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&start->taken, 0, __ATOMIC_RELEASE);
}

PROFINJECT_API int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                                  void *(*function)(void *), void *argument)
{
    nap_wake();
    size_t stack_size = default_stack_size;
    if (ready && attributes)
        pthread_attr_getstacksize(attributes, &stack_size);
    struct thread_start *start =
        prepare((union thread_function){.posix = function}, argument, stack_size);
    if (!start)
        return thread_hooks_create_unhooked(thread, attributes, function, argument);
    int status = real_create(thread, attributes, run_thread, start);
    if (status != 0)
        give_up(start);
    return status;
}

/* The C library's makes its thread past the other hook. */
PROFINJECT_API int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    static int (*real)(thrd_t *, thrd_start_t, void *);
    nap_wake();
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "thrd_create");
    struct thread_start *start =
        prepare((union thread_function){.c11 = function}, argument, default_stack_size);
    if (!start)
        return real(thread, function, argument);
    int status = real(thread, run_c11_thread, start);
    if (status != thrd_success)
        give_up(start);
    return status;
}
