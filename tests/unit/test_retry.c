/* Which system calls our signal ended: noted for hooks, unless another signal is waiting. */
#include "preload/modules.h"
#include "preload/retry.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int handled, over;

/* As ours: everything else waits until it is done. */
static void note(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    errno = ENOTTY;
    retry_note_sigsafe(context);
    handled += errno == ENOTTY;
}

static void start(void)
{
    struct sigaction action;

    modules_init();
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    retry_noted = 0;
}

static void *interrupt(void *thread)
{
    while (!over) { /* it may come before the wait */
        usleep(20000);
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
    }
    return NULL;
}

TestSuite(retry, .init = start, .timeout = 20);

Test(retry, a_wait_that_fails_is_noted)
{
    pthread_t self = pthread_self(), other;

    pthread_create(&other, NULL, interrupt, &self);
    cr_assert_eq(poll(NULL, 0, -1), -1);
    cr_assert_eq(errno, EINTR);
    cr_assert_neq(retry_noted, 0);
    over = 1;
    pthread_join(other, NULL);
}

static void ignore(int signal)
{
    (void)signal;
}

static void also_raise(int signal, siginfo_t *info, void *context)
{
    pthread_kill(pthread_self(), SIGUSR2); /* waits: it is in the mask */
    note(signal, info, context);
}

Test(retry, not_where_another_signal_ends_it_as_well)
{
    pthread_t self = pthread_self(), other;
    struct sigaction action;

    sigaction(SIGUSR1, NULL, &action);
    action.sa_sigaction = also_raise;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, ignore);
    pthread_create(&other, NULL, interrupt, &self);
    cr_assert_eq(poll(NULL, 0, -1), -1);
    cr_assert_eq(retry_noted, 0);
    over = 1;
    pthread_join(other, NULL);
}

Test(retry, not_in_the_middle_of_code)
{
    raise(SIGUSR1);
    cr_assert_eq(handled, 1);
    cr_assert_eq(retry_noted, 0);
}

/* A register that says so by chance, in code at the start of what is mapped. */
Test(retry, nothing_is_read_before_code_that_is_in_no_module)
{
    uint8_t *pages = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ucontext_t context;

    cr_assert_neq(pages, MAP_FAILED);
    cr_assert_eq(mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE), 0);
    memset(&context, 0, sizeof context);
    context.uc_mcontext.gregs[REG_RAX] = -EINTR;
    for (unsigned at = 0; at < 4; at++) {
        context.uc_mcontext.gregs[REG_RIP] = (greg_t)(pages + 4096 + at);
        retry_note_sigsafe(&context);
        retry_note_strict_sigsafe(&context);
        cr_assert_eq(retry_noted, 0);
    }
}
