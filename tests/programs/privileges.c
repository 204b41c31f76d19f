/*
 * privileges WAY: changes who or where it is, burns CPU time after that and says how
 * the calls went.
 */
#include "burn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn)

static void say(const char *what, int status)
{
    printf("%s: %s\n", what, status == 0 ? "done" : strerrorname_np(errno));
    fflush(stdout);
}

/* All capabilities of this thread alone go. */
static void drop_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    say("capset", (int)syscall(SYS_capset, &header, none));
}

static void enter(const char *name, int kind)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    say(name, setns(fd, kind));
    close(fd);
}

static void change(const char *way)
{
    if (!strcmp(way, "setuid")) {
        say("setgroups", setgroups(0, NULL));
        say("setgid", setgid(65534));
        say("setuid", setuid(65534));
    } else if (!strcmp(way, "capset")) {
        drop_capabilities();
        say("setuid", setuid(65534));
        say("setresuid", setresuid(0, 0, 0));
    } else if (!strcmp(way, "newuser"))
        say("unshare", unshare(CLONE_NEWUSER));
    else if (!strcmp(way, "loop")) {
        int status = 0;
        for (int i = 0; i < 100 && status == 0; i++)
            status = unshare(CLONE_THREAD) | unshare(CLONE_VM);
        say("100 times", status);
    } else if (!strcmp(way, "newns"))
        say("unshare", unshare(CLONE_NEWNS));
    else if (!strcmp(way, "newpid"))
        say("unshare", unshare(CLONE_NEWPID));
    else if (!strcmp(way, "setns"))
        enter("/proc/self/ns/mnt", CLONE_NEWNS);
    else if (!strcmp(way, "chroot")) {
        say("chroot", chroot("/proc"));
        say("chdir", chdir("/"));
        clearenv();
    } else if (!strcmp(way, "session"))
        say("setsid", fork() == 0 ? setsid() < 0 : (wait(NULL), exit(0), 0));
    else if (!strcmp(way, "daemon"))
        say("daemon", daemon(1, 1));
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    burn(0.04);
    change(argv[1]);
    burn(0.2);
    return 7;
}
