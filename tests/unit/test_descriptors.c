/* A thread's own table of descriptors. */
#include "preload/descriptors.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

static int kept, lent, tid;
static bool others_gone, kept_there, first_there;

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void *keep(void *unused)
{
    descriptors_keep_only(1, kept);
    first_there = is_open(1);
    kept_there = is_open(kept);
    others_gone = !is_open(0) && !is_open(2) && !is_open(kept - 1) && !is_open(kept + 1);
    return unused;
}

Test(descriptors, of_a_thread_are_its_own)
{
    pthread_t thread;
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert_eq(kept, before + 1);
    pthread_create(&thread, NULL, keep, NULL);
    pthread_join(thread, NULL);
    cr_assert(first_there && kept_there && others_gone);
    cr_assert(is_open(0) && is_open(before), "the process's table is as it was");
}

static int asked[2], answered[2];

static void *lend(void *unused)
{
    char byte;
    int from = asked[0], to = answered[1];
    descriptors_keep_only(from, to);
    tid = gettid();
    lent = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (write(to, "", 1) == 1 && read(from, &byte, 1) == 1)
        descriptors_keep_none();
    return unused;
}

Test(descriptors, are_lent)
{
    pthread_t thread;
    char text[64], byte;
    cr_assert(pipe(asked) == 0 && pipe(answered) == 0);
    pthread_create(&thread, NULL, lend, NULL);
    cr_assert_eq(read(answered[0], &byte, 1), 1);
    cr_assert_eq(descriptors_borrow(tid, -1, O_RDONLY), -1);
    int fd = descriptors_borrow(tid, lent, O_RDONLY);
    cr_assert_geq(fd, 0);
    cr_assert_gt(read(fd, text, sizeof(text)), 0);
    cr_assert_eq(write(asked[1], "", 1), 1);
    pthread_join(thread, NULL);
}
