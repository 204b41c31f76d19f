/*
 * Interfaces, by /proc/net/dev, and TCP's segments sent again. Its own file because of what must
 * not be counted twice: what passes a bridge, bond, tunnel or container's end passes the hardware
 * too, so where there is hardware only that is followed.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TYPE_LOOPBACK 772 /* ARPHRD_LOOPBACK */

static const enum resource resource_of[NET_COUNTS] = {
    [NET_RECEIVED] = RESOURCE_NET_RECEIVED,       [NET_SENT] = RESOURCE_NET_SENT,
    [NET_PACKETS_IN] = RESOURCE_NET_PACKETS_IN,   [NET_DROPS] = RESOURCE_NET_DROPS,
    [NET_PACKETS_OUT] = RESOURCE_NET_PACKETS_OUT,
};

static void fail_all(struct machine_base *base, const char *reason)
{
    for (unsigned i = 0; i < NET_COUNTS; i++)
        machine_series_none(base->log, resource_of[i], reason);
}

struct search {
    const struct kernel_files *files;
    bool found;
};

static bool find_hardware(void *context, const char *name)
{
    struct search *search = context;
    search->found = kernel_file_exists(search->files, "/sys/class/net/%s/device", name);
    return !search->found;
}

void machine_network_open(struct machine_base *base, struct machine_network *network)
{
    char reason[96];
    struct search search = {&base->files, false};
    kernel_directory_each(&base->files, find_hardware, &search, "/sys/class/net");
    network->has_hardware = search.found;
    int error = kernel_file_open(&base->files, &network->dev, "/proc/net/dev");
    if (error) {
        snprintf(reason, sizeof reason, "/proc/net/dev: %s", kernel_error_text(error));
        fail_all(base, reason);
    }
    machine_series_add(&network->retransmits, base->log, RESOURCE_NET_RETRANSMITS, NULL);
    error = kernel_file_open(&base->files, &network->snmp, "/proc/net/snmp");
    if (error)
        machine_series_fail(&network->retransmits, base->log, "/proc/net/snmp", error);
}

static bool find_lower(void *context, const char *name)
{
    struct search *search = context;
    search->found = number_text_after(name, "lower_") != NULL;
    return !search->found;
}

static bool is_loopback(struct machine_base *base, const char *name)
{
    char text[32];
    /* A buffer of its own: base->files.text is being read. */
    struct kernel_files files = base->files;
    int64_t type;
    files.text = text;
    files.text_size = sizeof text;
    return strcmp(name, "lo") == 0 ||
           (kernel_file_once(&files, "/sys/class/net/%s/type", name) > 0 &&
            number_text_whole(text, &type) && type == TYPE_LOOPBACK);
}

static bool is_followed(struct machine_base *base, const struct machine_network *network,
                        const char *name)
{
    struct search search = {&base->files, false};
    if (is_loopback(base, name))
        return false;
    if (network->has_hardware)
        return kernel_file_exists(&base->files, "/sys/class/net/%s/device", name);
    kernel_directory_each(&base->files, find_lower, &search, "/sys/class/net/%s", name);
    return !search.found;
}

/* NULL: there is no room for one more. */
static struct machine_interface *interface_of(struct machine_base *base,
                                              struct machine_network *network, const char *name)
{
    for (unsigned i = 0; i < network->count; i++)
        if (strcmp(network->interfaces[i].name, name) == 0)
            return &network->interfaces[i];
    if (network->count == MACHINE_INTERFACES_MAX)
        return NULL;
    struct machine_interface *interface = &network->interfaces[network->count++];
    snprintf(interface->name, sizeof interface->name, "%s", name);
    interface->followed = is_followed(base, network, name);
    for (unsigned i = 0; interface->followed && i < NET_COUNTS; i++)
        machine_series_add(&interface->series[i], base->log, resource_of[i], name);
    return interface;
}

/* Received: bytes packets errs drop fifo frame compressed multicast; sent: bytes packets errs drop
 * and more. */
static void look_at_interface(struct machine_base *base, struct machine_interface *interface,
                              const char *at)
{
    uint64_t fields[12], values[NET_COUNTS];
    for (unsigned i = 0; i < 12; i++)
        if (!number_text_next(&at, &fields[i]))
            return;
    values[NET_RECEIVED] = fields[0];
    values[NET_PACKETS_IN] = fields[1];
    values[NET_SENT] = fields[8];
    values[NET_PACKETS_OUT] = fields[9];
    values[NET_DROPS] = fields[2] + fields[3] + fields[10] + fields[11];
    for (unsigned i = 0; i < NET_COUNTS; i++)
        machine_series_count(&interface->series[i], base->log, &interface->counts[i], values[i], 1);
}

/* "  eth0: 1593362051 48562": names may have a colon, as "eth0:1", but no blank. */
static void look_at_line(struct machine_base *base, struct machine_network *network, const char *at)
{
    char name[MACHINE_NAME_MAX];
    size_t length = number_text_word(&at);
    while (length > 0 && at[length - 1] != ':')
        length--; /* "eth0:1593362051", as old kernels write it */
    if (length < 2 || length > sizeof name)
        return;
    memcpy(name, at, length - 1);
    name[length - 1] = '\0';
    struct machine_interface *interface = interface_of(base, network, name);
    network->many |= !interface;
    if (!interface)
        return;
    interface->seen = true;
    if (interface->followed)
        look_at_interface(base, interface, at + length);
}

static void tell(struct machine_base *base, struct machine_network *network)
{
    struct machine_series others;
    bool any = false;
    for (unsigned i = 0; i < network->count; i++) {
        struct machine_interface *interface = &network->interfaces[i];
        for (unsigned k = 0; interface->followed && !interface->seen && k < NET_COUNTS; k++)
            machine_series_silence(&interface->series[k], base->log, "it is gone");
        any |= interface->followed;
        interface->seen = false;
    }
    if (!any && !network->empty)
        fail_all(base, "there is no interface here but loopback");
    network->empty |= !any;
    if (!network->many || network->told)
        return;
    network->told = true;
    for (unsigned i = 0; i < NET_COUNTS; i++) {
        machine_series_add(&others, base->log, resource_of[i], "others");
        machine_series_silence(&others, base->log, "there are more than 64 interfaces");
    }
}

/* A line of names and a line of values, both of which begin with "Tcp:". */
static bool find_retransmits(const char *text, uint64_t *value)
{
    const char *names = NULL, *values = NULL;
    for (const char *line = text; line && !values; line = number_text_line(line)) {
        const char *at = number_text_after(line, "Tcp:");
        if (at && names)
            values = at;
        else if (at)
            names = at;
    }
    if (!values)
        return false;
    size_t length;
    while ((length = number_text_word(&names))) {
        int64_t number;
        if (!number_text_decimal(&values, 0, &number))
            return false;
        *value = number > 0 ? (uint64_t)number : 0;
        if (length == strlen("RetransSegs") && strncmp(names, "RetransSegs", length) == 0)
            return true;
        names += length;
    }
    return false;
}

void machine_network_look(struct machine_base *base, struct machine_network *network)
{
    uint64_t value;
    if (kernel_file_is_due(&base->files, &network->dev)) {
        ssize_t size = kernel_file_read(&base->files, &network->dev);
        const char *line = size > 0 ? base->files.text : NULL;
        for (; line; line = number_text_line(line))
            look_at_line(base, network, line);
        tell(base, network);
    }
    /* 20 us for a single number */
    if (!base->slow || !kernel_file_is_due(&base->files, &network->snmp))
        return;
    ssize_t size = kernel_file_read(&base->files, &network->snmp);
    if (size > 0 && find_retransmits(base->files.text, &value))
        machine_series_count(&network->retransmits, base->log, &network->retransmitted, value, 1);
    else
        machine_series_fail(&network->retransmits, base->log, "/proc/net/snmp",
                            size < 0 ? (int)size : -EINVAL);
}
