/* Its own file because it decides for all files that are mapped, whoever reads them. */
#include "analyzer/util/lost_pages.h"

#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* The page stays what it is now: what is put back into the file meanwhile is not seen. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
    const long page_size = 4096;
    uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(page_size - 1);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

    (void)context;
    if (info->si_code != BUS_ADRERR ||
        mmap((void *)page, (size_t)page_size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void lost_pages_init(void)
{
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};

    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
