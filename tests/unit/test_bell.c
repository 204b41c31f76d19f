/* The bell: no ring is lost, whoever rings. Waits that should end would outlast the test. */
#include "preload/bell.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONG_NS 60000000000u /* beyond the test's own limit */

TestSuite(bell, .timeout = 20);

Test(bell, a_ring_before_the_wait_ends_it)
{
    uint32_t rings = bell_rings();

    bell_ring_sigsafe();
    cr_assert_eq(bell_rings(), rings + 1);
    bell_wait(rings, LONG_NS);
}

static void *ring_later(void *unused)
{
    usleep(20000);
    bell_ring_sigsafe();
    return unused;
}

Test(bell, a_ring_of_another_thread_wakes)
{
    pthread_t thread;
    uint32_t rings = bell_rings();

    pthread_create(&thread, NULL, ring_later, NULL);
    while (bell_rings() == rings)
        bell_wait(rings, LONG_NS);
    pthread_join(thread, NULL);
}

Test(bell, a_ring_of_another_process_wakes)
{
    uint32_t *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(word, MAP_FAILED);
    bell_use(word);
    pid_t child = fork();
    if (child == 0) {
        ring_later(NULL);
        _exit(0);
    }
    while (bell_rings() == 0)
        bell_wait(0, LONG_NS);
    cr_assert_eq(*word, 1);
    waitpid(child, NULL, 0);
}

Test(bell, without_a_word_it_has_one_of_its_own)
{
    uint32_t word = 7, before = bell_rings();

    bell_use(&word);
    cr_assert_eq(bell_rings(), 7);
    bell_ring_sigsafe();
    cr_assert_eq(word, 8);
    bell_use(NULL);
    bell_ring_sigsafe();
    cr_assert_eq(word, 8);
    cr_assert_eq(bell_rings(), before + 1);
}

Test(bell, a_wait_ends_when_its_time_is_over)
{
    const uint32_t word = 1;

    bell_wait(bell_rings(), 1000000);
    bell_wait_word(&word, 1, 1000000);
    bell_wait_word(&word, 2, LONG_NS);
}
