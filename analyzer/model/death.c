/*
 * The words for signals. Its own file because it is a table: sigaction(2).
 */
#include "analyzer/model/death.h"

#include <signal.h>
#include <stddef.h>

#define SI_FROM_KERNEL 0x80

static const struct {
    int signal, code;
    struct death_code words;
} codes[] = {
    {SIGSEGV, 1, {"SEGV_MAPERR", "nothing is mapped there"}},
    {SIGSEGV, 2, {"SEGV_ACCERR", "it is mapped, but not for that"}},
    {SIGSEGV, 3, {"SEGV_BNDERR", "a bound was not kept"}},
    {SIGSEGV, 4, {"SEGV_PKUERR", "a protection key forbids it"}},
    {SIGBUS, 1, {"BUS_ADRALN", "not aligned"}},
    {SIGBUS, 2, {"BUS_ADRERR", "nothing behind the mapping, as where its file ends"}},
    {SIGBUS, 3, {"BUS_OBJERR", "an error of the object mapped"}},
    {SIGBUS, 4, {"BUS_MCEERR_AR", "the memory is broken"}},
    {SIGBUS, 5, {"BUS_MCEERR_AO", "the memory is broken"}},
    {SIGILL, 1, {"ILL_ILLOPC", "illegal instruction"}},
    {SIGILL, 2, {"ILL_ILLOPN", "illegal operand"}},
    {SIGILL, 5, {"ILL_PRVOPC", "privileged instruction"}},
    {SIGFPE, 1, {"FPE_INTDIV", "division of an integer by zero"}},
    {SIGFPE, 2, {"FPE_INTOVF", "overflow of an integer"}},
    {SIGFPE, 3, {"FPE_FLTDIV", "division by zero"}},
    {SIGFPE, 4, {"FPE_FLTOVF", "overflow"}},
    {SIGFPE, 7, {"FPE_FLTINV", "invalid operation"}},
    {SIGTRAP, 1, {"TRAP_BRKPT", "breakpoint"}},
    {SIGTRAP, SI_FROM_KERNEL, {"SI_KERNEL", "breakpoint"}},
    {SIGTRAP, 2, {"TRAP_TRACE", "trace trap"}},
    {SIGSYS, 1, {"SYS_SECCOMP", "a seccomp filter forbids the system call"}},
};

static const struct {
    int code;
    struct death_code words;
} senders[] = {
    {SI_FROM_KERNEL, {"SI_KERNEL", "no address that can be"}},
    {0, {"SI_USER", "by kill()"}},
    {-1, {"SI_QUEUE", "by sigqueue()"}},
    {-6, {"SI_TKILL", "by raise(), abort() or tgkill()"}},
};

struct death_code death_code(int signal, int code)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i].signal == signal && codes[i].code == code)
            return codes[i].words;
    for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
        if (senders[i].code == code &&
            (code != SI_FROM_KERNEL || signal == SIGSEGV || signal == SIGBUS))
            return senders[i].words;
    if (code == SI_FROM_KERNEL)
        return (struct death_code){"SI_KERNEL", "by the kernel"};
    return (struct death_code){NULL, NULL};
}

bool death_has_address(int signal, int code)
{
    return code > 0 && code != SI_FROM_KERNEL &&
           (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE);
}

const char *death_signal_name(int signal)
{
    static const char *const names[] = {
        [SIGHUP] = "SIGHUP",       [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT",
        [SIGILL] = "SIGILL",       [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT",
        [SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",   [SIGKILL] = "SIGKILL",
        [SIGUSR1] = "SIGUSR1",     [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
        [SIGPIPE] = "SIGPIPE",     [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM",
        [SIGSTKFLT] = "SIGSTKFLT", [SIGXCPU] = "SIGXCPU", [SIGXFSZ] = "SIGXFSZ",
        [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF", [SIGIO] = "SIGIO",
        [SIGPWR] = "SIGPWR",       [SIGSYS] = "SIGSYS",
    };

    return signal > 0 && (size_t)signal < sizeof(names) / sizeof(names[0]) ? names[signal] : NULL;
}
