/* Files that hold one number, as all sensors of /sys do. Its own file because every part with
 * sensors reads them so. */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>

int machine_number_read(struct machine_base *base, struct kernel_file *file, int64_t least,
                        int64_t most, int64_t *value)
{
    ssize_t size = kernel_file_read(&base->files, file);
    if (size < 0)
        return (int)size;
    if (!number_text_whole(base->files.text, value))
        return -EINVAL;
    return *value < least || *value > most ? -ERANGE : 0;
}

static void tell(struct machine_base *base, const struct kernel_file *file,
                 struct machine_series *series, int error, int64_t value)
{
    char reason[96];
    if (error == -ETIME)
        snprintf(reason, sizeof reason, "reading takes %u ms", file->last_ns / 1000000);
    else if (error == -ERANGE)
        snprintf(reason, sizeof reason, "it says %lld, which cannot be", (long long)value);
    else
        snprintf(reason, sizeof reason, "%s", kernel_error_text(error));
    machine_series_silence(series, base->log, reason);
}

bool machine_number_look(struct machine_base *base, struct kernel_file *file,
                         struct machine_series *series, int64_t unit, int64_t least, int64_t most)
{
    int64_t value = 0;
    if (!kernel_file_is_due(&base->files, file))
        return false;
    int error = machine_number_read(base, file, least, most, &value);
    if (error == 0)
        machine_series_put(series, base->log, value * unit);
    else
        tell(base, file, series, error, value);
    return error == 0;
}
