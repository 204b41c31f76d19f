/* The keeper's side of it. Its own file beside nvml_page.c, which runs in the other process. */
#include "analyzer/record/nvml_watch.h"

#include "analyzer/record/nvml_api.h"
#include "preload/contract/libc_clock.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_NS UINT64_C(5000000000)

static const enum resource resource_of[NVML_FIELDS] = {
    [NVML_BUSY] = RESOURCE_GPU_BUSY,          [NVML_USED] = RESOURCE_GPU_MEMORY,
    [NVML_TOTAL] = RESOURCE_GPU_MEMORY_TOTAL, [NVML_TEMPERATURE] = RESOURCE_GPU_TEMPERATURE,
    [NVML_POWER] = RESOURCE_GPU_POWER,        [NVML_MHZ] = RESOURCE_GPU_MHZ,
};

static bool is_in_library_path(void)
{
    const char *at = getenv("LD_LIBRARY_PATH");
    char path[4096];

    for (; at != NULL && *at != '\0'; at += strcspn(at, ":"), at += *at == ':') {
        int length = (int)strcspn(at, ":");
        snprintf(path, sizeof(path), "%.*s/" NVML_LIBRARY, length, at);
        if (length > 0 && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

static bool is_driver_there(void)
{
    return access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0 ||
           is_in_library_path();
}

/* Holds nothing of the keeper's, and does not outlive it. */
static void __attribute__((noreturn)) be_other(struct nvml_page *page, pid_t keeper)
{
    const struct rlimit none = {0, 0};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != keeper)
        _exit(0);
    prctl(PR_SET_NAME, "profinject nvml");
    syscall(SYS_close_range, 3u, ~0u, 0u);
    setrlimit(RLIMIT_CORE, &none);
    nvml_page_write(page);
}

void nvml_watch_start(struct nvml_watch *watch)
{
    pid_t keeper = getpid();

    memset(watch, 0, sizeof(*watch));
    if (!is_driver_there())
        return;
    struct nvml_page *page =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return;
    watch->pid = fork();
    if (watch->pid == 0)
        be_other(page, keeper);
    if (watch->pid < 0) {
        munmap(page, sizeof(*page));
        watch->pid = 0;
        return;
    }
    watch->page = page;
}

void nvml_watch_stop(struct nvml_watch *watch)
{
    if (watch->pid > 0)
        kill(watch->pid, SIGKILL);
    /* One that hangs in the kernel may take for ever. */
    for (int tries = 0; watch->pid > 0 && tries < 100; tries++) {
        if (waitpid(watch->pid, NULL, WNOHANG) != 0)
            break;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    if (watch->page != NULL)
        munmap(watch->page, sizeof(*watch->page));
    memset(watch, 0, sizeof(*watch));
}

/* 0: as its values say. */
static const char *status_text(int status)
{
    switch (status) {
    case NVML_RETURN_SUCCESS:
        return NULL;
    case NVML_RETURN_NOT_SUPPORTED:
        return "NVML: this card does not tell it";
    case NVML_RETURN_NO_PERMISSION:
        return "NVML: no permission";
    case NVML_RETURN_DRIVER_NOT_LOADED:
        return "NVML: the driver is not loaded";
    case NVML_RETURN_TIMEOUT:
        return "NVML: the card does not answer in time";
    case NVML_RETURN_GPU_IS_LOST:
        return "NVML: the card is lost";
    case NVML_RETURN_VERSION_MISMATCH:
        return "NVML: library and driver are of different versions";
    default:
        return "NVML: it fails";
    }
}

/* Why there is nothing at all now; NULL: there is. */
static const char *reason_of(const struct nvml_watch *watch, const struct nvml_page *page,
                             uint64_t now_ns)
{
    switch (page->state) {
    case NVML_NO_LIBRARY:
        return "there is no " NVML_LIBRARY;
    case NVML_NO_FUNCTION:
        return NVML_LIBRARY " lacks functions that are needed";
    case NVML_REFUSED:
        return status_text(page->status);
    default:
        break;
    }
    if (watch->pid == 0)
        return WIFSIGNALED(watch->ended) ? "NVML crashed" : "NVML ended the process";
    return now_ns - watch->heard_ns > SILENCE_NS ? "NVML does not answer" : NULL;
}

/* All that there is, or the resources as such, before any card was seen. */
static void silence(struct nvml_watch *watch, const char *reason)
{
    if (watch->told == reason)
        return;
    watch->told = reason;
    for (uint32_t i = 0; i < watch->count; i++)
        for (unsigned field = 0; field < NVML_FIELDS; field++)
            machine_series_silence(&watch->series[i][field], watch->log, reason);
    for (unsigned field = 0; watch->count == 0 && field < NVML_FIELDS; field++)
        machine_series_none(watch->log, resource_of[field], reason);
}

static void put(struct nvml_watch *watch, struct nvml_card *card, uint32_t number)
{
    struct machine_series *series = watch->series[number];

    card->name[NVML_NAME_SIZE - 1] = '\0';
    for (unsigned field = 0; field < NVML_FIELDS; field++) {
        const char *reason = status_text(card->status[field]);
        if (series[field].id == 0)
            machine_series_add(&series[field], watch->log, resource_of[field], card->name);
        if (reason == NULL)
            machine_series_put(&series[field], watch->log, card->values[field]);
        else
            machine_series_silence(&series[field], watch->log, reason);
    }
}

/* False: it is just being written. */
static bool copy(const struct nvml_page *page, struct nvml_page *to)
{
    uint32_t round = __atomic_load_n(&page->round, __ATOMIC_ACQUIRE);

    memcpy(to, page, sizeof(*to));
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    to->round = round;
    return round % 2 == 0 && __atomic_load_n(&page->round, __ATOMIC_RELAXED) == round;
}

/* The first time it is asked, and when another process's log has the machine now. */
static void begin(struct nvml_watch *watch, struct resource_log *log, uint64_t now_ns)
{
    if (watch->page->asked == 0) {
        __atomic_store_n(&watch->page->asked, 1, __ATOMIC_RELEASE);
        syscall(SYS_futex, &watch->page->asked, FUTEX_WAKE, 1, NULL, NULL, 0);
        watch->heard_ns = now_ns;
    }
    if (watch->log == log)
        return;
    watch->log = log;
    watch->count = 0;
    watch->round = 0;
    watch->told = NULL;
    memset(watch->series, 0, sizeof(watch->series));
}

void nvml_watch_look(void *context, struct resource_log *log)
{
    struct nvml_watch *watch = context;
    uint64_t now_ns = libc_clock_now_sigsafe();
    struct nvml_page page;

    if (watch->page == NULL)
        return;
    begin(watch, log, now_ns);
    if (watch->pid > 0 && waitpid(watch->pid, &watch->ended, WNOHANG) == watch->pid)
        watch->pid = 0;
    bool is_new = copy(watch->page, &page) && page.round != watch->round;
    if (is_new) {
        watch->round = page.round;
        watch->heard_ns = now_ns;
    }
    const char *reason = reason_of(watch, &page, now_ns);
    if (reason != NULL) {
        silence(watch, reason);
        return;
    }
    if (!is_new || page.state != NVML_RUNNING)
        return;
    watch->told = NULL;
    uint32_t count = page.count < NVML_CARDS_MAX ? page.count : NVML_CARDS_MAX;
    watch->count = count > watch->count ? count : watch->count;
    for (uint32_t i = 0; i < count; i++)
        put(watch, &page.cards[i], i);
    for (uint32_t i = count; i < watch->count; i++)
        for (unsigned field = 0; field < NVML_FIELDS; field++)
            machine_series_silence(&watch->series[i][field], watch->log, "the card is gone");
    if (count == 0)
        silence(watch, "NVML shows no card");
}
