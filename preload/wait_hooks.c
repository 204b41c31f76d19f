/* All hooks of calls that wait. Its own file because they lie in many. */
#include "preload/wait_hooks.h"

void wait_hooks_init(void)
{
    lock_hooks_init();
    condition_hooks_init();
    join_hooks_init();
    sleep_hooks_init();
    descriptor_hooks_init();
    socket_hooks_init();
    transfer_hooks_init();
    file_hooks_init();
    queue_hooks_init();
    name_hooks_init();
}
