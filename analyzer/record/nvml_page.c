/* Asking NVML. Its own file because it runs in a process of its own: a driver that hangs or
 * crashes takes nobody with it. */
#include "analyzer/record/nvml_page.h"

#include "analyzer/record/nvml_api.h"

#include <dlfcn.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUND_NS 500000000

static bool find(struct nvml_api *api, void *library)
{
    static const struct {
        const char *name;
        size_t offset;
    } functions[] = {
        {"nvmlInit_v2", offsetof(struct nvml_api, init)},
        {"nvmlDeviceGetCount_v2", offsetof(struct nvml_api, count)},
        {"nvmlDeviceGetHandleByIndex_v2", offsetof(struct nvml_api, handle)},
        {"nvmlDeviceGetName", offsetof(struct nvml_api, name)},
        {"nvmlDeviceGetUtilizationRates", offsetof(struct nvml_api, utilization)},
        {"nvmlDeviceGetMemoryInfo", offsetof(struct nvml_api, memory)},
        {"nvmlDeviceGetTemperature", offsetof(struct nvml_api, temperature)},
        {"nvmlDeviceGetPowerUsage", offsetof(struct nvml_api, power)},
        {"nvmlDeviceGetClockInfo", offsetof(struct nvml_api, clock)},
    };

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        void *function = dlsym(library, functions[i].name);
        if (function == NULL)
            return false;
        memcpy((char *)api + functions[i].offset, &function, sizeof(function));
    }
    return true;
}

static void put(struct nvml_card *card, enum nvml_field field, int status, unsigned long long value,
                unsigned unit)
{
    card->status[field] = status;
    card->values[field] = status == NVML_RETURN_SUCCESS ? (int64_t)(value * unit) : 0;
}

static void look(const struct nvml_api *api, nvml_device device, struct nvml_card *card)
{
    struct nvml_utilization utilization = {0};
    struct nvml_memory memory = {0};
    unsigned degrees = 0, milliwatts = 0, megahertz = 0;

    int status = api->utilization(device, &utilization);
    put(card, NVML_BUSY, status, utilization.gpu, 1);
    status = api->memory(device, &memory);
    put(card, NVML_USED, status, memory.used, 1);
    put(card, NVML_TOTAL, status, memory.total, 1);
    status = api->temperature(device, NVML_TEMPERATURE_OF_GPU, &degrees);
    put(card, NVML_TEMPERATURE, status, degrees, 1000);
    status = api->power(device, &milliwatts);
    put(card, NVML_POWER, status, milliwatts, 1000);
    status = api->clock(device, NVML_CLOCK_OF_SM, &megahertz);
    put(card, NVML_MHZ, status, megahertz, 1000);
}

/* Of the calls before the reader may see any of it. */
static void look_at_all(const struct nvml_api *api, struct nvml_page *page)
{
    struct nvml_card cards[NVML_CARDS_MAX];
    unsigned count = 0, used = 0;

    memset(cards, 0, sizeof(cards));
    int status = api->count(&count);
    for (unsigned i = 0; status == NVML_RETURN_SUCCESS && i < count && used < NVML_CARDS_MAX; i++) {
        char name[128] = "";
        nvml_device device = NULL;
        if (api->handle(i, &device) != NVML_RETURN_SUCCESS)
            continue; /* none of ours: no permission in this container */
        if (api->name(device, name, sizeof(name)) != NVML_RETURN_SUCCESS)
            snprintf(name, sizeof(name), "NVIDIA");
        snprintf(cards[used].name, NVML_NAME_SIZE, "nvidia%u %.36s", i, name);
        look(api, device, &cards[used++]);
    }
    __atomic_add_fetch(&page->round, 1, __ATOMIC_ACQ_REL);
    memcpy(page->cards, cards, sizeof(cards));
    page->count = used;
    page->status = status;
    page->state = status == NVML_RETURN_SUCCESS ? NVML_RUNNING : NVML_REFUSED;
    __atomic_add_fetch(&page->round, 1, __ATOMIC_RELEASE);
}

static void __attribute__((noreturn))
refuse(struct nvml_page *page, enum nvml_state state, int status)
{
    page->status = status;
    page->state = state;
    __atomic_add_fetch(&page->round, 2, __ATOMIC_RELEASE);
    _exit(0);
}

void nvml_page_write(struct nvml_page *page)
{
    const struct timespec rest = {.tv_nsec = ROUND_NS};
    struct nvml_api api;

    while (__atomic_load_n(&page->asked, __ATOMIC_ACQUIRE) == 0)
        syscall(SYS_futex, &page->asked, FUTEX_WAIT, 0, NULL, NULL, 0);
    void *library = dlopen(NVML_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        refuse(page, NVML_NO_LIBRARY, 0);
    if (!find(&api, library))
        refuse(page, NVML_NO_FUNCTION, 0);
    int status = api.init();
    if (status != NVML_RETURN_SUCCESS)
        refuse(page, NVML_REFUSED, status);
    for (;;) {
        look_at_all(&api, page);
        nanosleep(&rest, NULL);
    }
}
