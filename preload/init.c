/*
 * The constructor: reads the settings, begins the session, starts sampling.
 * Whatever fails here, the target runs.
 */
#include "preload/init.h"

#include "preload/contract/identity.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/recording.h"
#include "preload/control.h"
#include "preload/crash_hooks.h"
#include "preload/environment.h"
#include "preload/exec_hooks.h"
#include "preload/facts.h"
#include "preload/modules.h"
#include "preload/operator_hooks.h"
#include "preload/process.h"
#include "preload/session.h"
#include "preload/syscall_hooks.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/* The one line the bare LD_PRELOAD form may print, in a recording's first process. */
static void complain(const struct settings *settings, const char *why)
{
    char line[1024];
    if (!why[0] || settings_flag(settings, SETTING_ID_quiet))
        return;
    int size = snprintf(line, sizeof line, "profinject: %s\n", why);
    if (write(STDERR_FILENO, line, (size_t)size) < 0)
        return; /* nobody to tell */
}

/* Takes the library out of LD_PRELOAD, so that programs this one starts are left
 * alone; what else the user preloads stays. In place: main's third argument, which
 * shells hand on, is not `environ` any more once that has grown. */
static void release_children(void)
{
    char *list = getenv("LD_PRELOAD"), *kept = list;
    while (list && *list) {
        size_t length = strcspn(list, ": "), step = length + (list[length] != '\0');
        if (!memmem(list, length, PROFINJECT_LIBRARY, strlen(PROFINJECT_LIBRARY))) {
            memmove(kept, list, step);
            kept += step;
        }
        list += step;
    }
    if (kept)
        *kept = '\0';
}

/* By the kernel's name of the program, or, where that is cut, by the whole one. */
static bool is_left_out(const char *pattern)
{
    char comm[16];
    if (strcmp(pattern, "*") == 0)
        return false;
    facts_comm(comm, sizeof comm);
    const char *whole = program_invocation_short_name;
    bool is_cut = strlen(comm) == sizeof comm - 1 && strncmp(whole, comm, sizeof comm - 1) == 0;
    return fnmatch(pattern, comm, 0) != 0 && (!is_cut || fnmatch(pattern, whole, 0) != 0);
}

/* A name as it is, in which nothing stands for something else. */
static void use_output(struct settings *settings, const char *path)
{
    size_t used = 0;
    for (; *path && used + 2 < sizeof settings->output; path++) {
        if (*path == '%')
            settings->output[used++] = '%';
        settings->output[used++] = *path;
    }
    settings->output[used] = '\0';
}

static int begin(bool preloaded, const char *output)
{
    static struct settings settings;
    char why[512], wrong[512];
    bool first = !getenv(RECORDING_VARIABLE);

    if (getauxval(AT_SECURE)) /* who started it must not say what it does, or read what it has */
        return -EPERM;
    libc_clock_init();
    settings_init(&settings);
    settings_from_environment(&settings, environ, wrong, sizeof wrong);
    if (output)
        use_output(&settings, output);
    if (preloaded && is_left_out(settings.text[SETTING_ID_only])) {
        if (first)
            session_hand_down(&settings);
        if (!settings_flag(&settings, SETTING_ID_children))
            release_children();
        return -ECANCELED;
    }
    int status = session_begin(&settings, preloaded, why, sizeof why);
    if (first)
        complain(&settings, status != 0 ? why : wrong);
    if (status == 0) {
        process_init();
        exec_hooks_init();
        syscall_hooks_init();
    } else if (first) {
        environment_put(RECORDING_VARIABLE "="); /* said once: children stay out in silence */
    }
    if (!settings_flag(&settings, SETTING_ID_children))
        release_children();
    bool follow = preloaded && status == 0 && settings_flag(&settings, SETTING_ID_children);
    environment_take(environ, follow);
    return status;
}

int init_late(const char *output)
{
    return begin(false, output);
}

__attribute__((constructor)) static void init(void)
{
    int saved_errno = errno; /* C promises 0 to main */
    operator_hooks_find();
    crash_hooks_init();
    if (modules_came_first() && begin(true, NULL) == 0)
        control_start();
    errno = saved_errno;
}
