/*
 * Task-clock events. Its own file because here the descriptors, the grants and the
 * limits of the signal queue are kept.
 */
#include "preload/clock_perf.h"

#include "preload/bell.h"
#include "preload/clock.h"
#include "preload/contract/kernel_text.h"
#include "preload/go_program.h"
#include "preload/hardware_counters.h"
#include "preload/kernel_frames.h"
#include "preload/perf_pages.h"
#include "preload/platform.h"
#include "preload/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GRANT_MIN 32u
#define QUEUE_SHARE 4u /* of what RLIMIT_SIGPENDING lets the user queue still is ours at most */

/* One per descriptor number. `fired` and `used_up` are the handler's. */
struct event {
    void *value; /* NULL: not running */
    uint32_t granted, fired;
    uint32_t grant_at_once;
    bool used_up, stopped, open;
    bool was_ours; /* signals may still be on their way */
    struct hardware_counts counts;
    struct kernel_frames kernel;
};

static struct event events[CLOCK_PERF_EVENTS];
static uint32_t events_end;  /* one more than the highest number in use */
static uint32_t events_open; /* how many */
static bool without_kernel;  /* its time is not sampled */
static bool kernel_wanted, kernel_taken;
static char kernel_why[128];
static uint64_t kernel_missing; /* threads */

static void fill_attributes(struct perf_event_attr *attr, uint64_t period_ns)
{
    memset(attr, 0, sizeof *attr);
    attr->size = PERF_ATTR_SIZE_VER7;
    attr->type = PERF_TYPE_SOFTWARE;
    attr->config = PERF_COUNT_SW_TASK_CLOCK;
    attr->sample_period = period_ns;
    attr->disabled = 1;
    /* For who reaches exec without us. A signal of the kernel's part of exec itself stays all the
     * same, and ends the new program. */
    attr->remove_on_exec = 1;
    attr->exclude_kernel = without_kernel;
    attr->exclude_hv = 1;
    if (!kernel_taken)
        return;
    attr->sample_type = PERF_SAMPLE_CALLCHAIN;
    attr->exclude_callchain_user = 1;
    attr->sample_max_stack = KERNEL_FRAMES_MAX;
}

/* Linux before 5.13 does not know remove_on_exec. */
static int open_event(int tid, uint64_t period_ns)
{
    struct perf_event_attr attr;
    fill_attributes(&attr, period_ns);
    long fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (fd < 0 && (errno == EINVAL || errno == E2BIG)) {
        attr.size = PERF_ATTR_SIZE_VER5;
        attr.remove_on_exec = 0;
        fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    }
    return fd < 0 ? -errno : (int)fd;
}

/* Signals that the user's processes, all together, have queued. */
static uint64_t queued(void)
{
    char text[2048];
    kernel_text_read("/proc/self/status", text, sizeof text);
    const char *line = strstr(text, "\nSigQ:");
    return line ? strtoull(line + 6, NULL, 10) : 0;
}

/*
 * How many signals an event may send before it is granted more: two seconds' worth,
 * and all events together no more than their share of what the queue has left. 0: not
 * enough to begin with.
 */
static uint32_t grant_of(uint64_t period_ns)
{
    struct rlimit limit;
    uint64_t grant = 2000000000u / period_ns + GRANT_MIN;
    if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        uint64_t taken = queued(), left = limit.rlim_cur > taken ? limit.rlim_cur - taken : 0;
        uint64_t share = left / QUEUE_SHARE / (events_open + 1u);
        grant = share < grant ? share : grant;
    }
    return grant < GRANT_MIN ? 0 : (uint32_t)grant;
}

static long paranoid(void)
{
    char text[16];
    bool known = kernel_text_read("/proc/sys/kernel/perf_event_paranoid", text, sizeof text);
    return known ? strtol(text, NULL, 10) : -1;
}

static void explain(int status, char *why, size_t why_size)
{
    if (status == -EACCES || (status == -EPERM && paranoid() > 2))
        snprintf(why, why_size,
                 "clock perf: kernel.perf_event_paranoid is %ld, 2 or less is needed; using cpu",
                 paranoid());
    else if (status == -EPERM || status == -ENOSYS)
        snprintf(why, why_size,
                 "clock perf: perf_event_open is forbidden here (seccomp, as in containers): %s; "
                 "using cpu",
                 strerrordesc_np(-status));
    else
        snprintf(why, why_size, "clock perf: %s; using cpu", strerrordesc_np(-status));
}

int clock_perf_try(char *why, size_t why_size)
{
    if (!grant_of(1)) {
        snprintf(
            why, why_size,
            "clock perf: too few signals may be queued (ulimit -i) to use it safely; using cpu");
        return -EAGAIN;
    }
    without_kernel = go_program_is_this(); /* its runtime execs without us */
    kernel_taken = kernel_wanted && !without_kernel;
    if (without_kernel)
        snprintf(kernel_why, sizeof kernel_why, "a Go program may exec at any time");
    int fd = open_event(0, 1000000000u);
    if (fd == -EACCES || fd == -EPERM) {
        without_kernel = true;
        kernel_taken = false;
        snprintf(kernel_why, sizeof kernel_why,
                 "kernel.perf_event_paranoid is %ld, 1 or less is needed", paranoid());
        fd = open_event(0, 1000000000u);
    }
    if (fd < 0) {
        explain(fd, why, why_size);
        return fd;
    }
    close(fd);
    return 0;
}

void clock_perf_want_kernel(void)
{
    kernel_wanted = true;
    snprintf(kernel_why, sizeof kernel_why, "--clock perf takes them");
}

const char *clock_perf_why_no_kernel(void)
{
    return kernel_taken ? NULL : kernel_why;
}

void clock_perf_forget(void)
{
    memset(events, 0, sizeof *events * events_end);
    events_end = events_open = 0;
    kernel_missing = 0;
    perf_pages_forget();
}

static int direct_to(int fd, int tid)
{
    const struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = tid};
    if (fcntl(fd, F_SETSIG, SIGNALS_OURS) != 0 || fcntl(fd, F_SETOWN_EX, &owner) != 0 ||
        fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) != 0)
        return -errno;
    return 0;
}

static void close_event(int fd)
{
    struct event *event = &events[fd];
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
    hardware_counters_read(&event->counts);
    hardware_counters_close(&event->counts);
    perf_pages_clear((unsigned)fd);
    close(fd);
    event->open = false;
    events_open--;
}

static int start(int tid, void *value, uint64_t period_ns, int *handle)
{
    uint32_t granted = grant_of(period_ns);
    *handle = -1;
    if (!granted)
        return -EAGAIN;
    int fd = open_event(tid, period_ns);
    if (fd < 0)
        return fd;
    int status = fd < (int)CLOCK_PERF_EVENTS ? direct_to(fd, tid) : -EMFILE;
    if (status != 0) {
        close(fd);
        return status;
    }
    struct event *event = &events[fd];
    *event = (struct event){.was_ours = true, .open = true};
    event->grant_at_once = event->granted = granted;
    if (kernel_taken && !kernel_frames_open(&event->kernel, fd, (unsigned)fd))
        kernel_missing++;
    events_end = (uint32_t)fd >= events_end ? (uint32_t)fd + 1 : events_end;
    events_open++;
    __atomic_store_n(&event->value, value, __ATOMIC_RELEASE);
    __atomic_store_n(handle, fd, __ATOMIC_RELEASE);
    if (ioctl(fd, PERF_EVENT_IOC_REFRESH, event->granted) != 0) {
        status = -errno;
        *handle = -1;
        event->value = NULL;
        close_event(fd);
    }
    return status;
}

static void stop(int fd)
{
    struct event *event = &events[fd];
    __atomic_store_n(&event->value, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&event->stopped, true, __ATOMIC_RELEASE);
}

static void grant(int fd)
{
    struct event *event = &events[fd];
    uint32_t fired = __atomic_load_n(&event->fired, __ATOMIC_RELAXED);
    /* Signals that were merged leave the count behind; the last one sets it right. */
    if (__atomic_exchange_n(&event->used_up, false, __ATOMIC_ACQUIRE))
        event->granted = fired;
    uint32_t outstanding = event->granted - fired;
    if (outstanding > event->grant_at_once / 2)
        return;
    uint32_t more = event->grant_at_once - outstanding;
    event->granted += more;
    ioctl(fd, PERF_EVENT_IOC_REFRESH, more); /* switches on as well what was used up */
}

void clock_perf_serve(void)
{
    if (!events_open)
        return;
    for (uint32_t fd = 0; fd < events_end; fd++) {
        struct event *event = &events[fd];
        if (!event->open)
            continue;
        if (__atomic_load_n(&event->stopped, __ATOMIC_ACQUIRE))
            close_event((int)fd);
        else {
            grant((int)fd);
            hardware_counters_read(&event->counts);
        }
    }
}

void clock_perf_follow(int handle, struct ring_slot *slot)
{
    hardware_counters_open(&events[handle].counts, slot, (unsigned)handle);
}

uint32_t clock_perf_kernel_sigsafe(int handle, uint64_t *addresses)
{
    return kernel_frames_take_sigsafe(&events[handle].kernel, addresses);
}

bool clock_perf_complaint(char *line, size_t size)
{
    if (kernel_missing)
        snprintf(line, size,
                 "frames of the kernel are missing in %llu threads: no locked memory for them "
                 "(kernel.perf_event_mlock_kb, ulimit -l)",
                 (unsigned long long)kernel_missing);
    return kernel_missing > 0;
}

void clock_perf_count_sigsafe(int handle)
{
    hardware_counters_take_sigsafe(&events[handle].counts);
}

bool clock_perf_read_sigsafe(const siginfo_t *info, int *handle, void **value)
{
    /* Positive codes come from the kernel alone. */
    if ((info->si_code != POLL_IN && info->si_code != POLL_HUP) || info->si_fd < 0 ||
        info->si_fd >= (int)CLOCK_PERF_EVENTS || !events[info->si_fd].was_ours)
        return false;
    struct event *event = &events[info->si_fd];
    *handle = info->si_fd;
    *value = __atomic_load_n(&event->value, __ATOMIC_ACQUIRE);
    event->fired++;
    kernel_frames_step_sigsafe(&event->kernel);
    if (info->si_code == POLL_HUP) {
        /* The last one granted, and the event stands still: the servant was kept from
         * running for seconds. One system call, to lose no more. */
        __atomic_store_n(&event->used_up, true, __ATOMIC_RELEASE);
        bell_ring_sigsafe();
    }
    return true;
}

const struct clock clock_perf = {.name = "perf", .by_servant = true, .start = start, .stop = stop};
