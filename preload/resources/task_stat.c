/* Its own file because processes and their threads have the same. */
#include "preload/resources/task_stat.h"

#include "preload/resources/kept_file.h"

#include <string.h>

/* Numbers behind the name and the state, from the fourth field of proc(5) on. */
enum {
    FAULTS = 10 - 4,
    CHILDREN_FAULTS = 11 - 4,
    MAJOR_FAULTS = 12 - 4,
    CHILDREN_MAJOR_FAULTS = 13 - 4,
    USER = 14 - 4,
    SYSTEM = 15 - 4,
    CHILDREN_USER = 16 - 4,
    CHILDREN_SYSTEM = 17 - 4,
    THREADS = 20 - 4,
    START = 22 - 4,
    ADDRESS_SPACE = 23 - 4,
    RESIDENT = 24 - 4,
    PROCESSOR = 39 - 4,
    FIELDS
};

bool task_stat_parse(const char *text, struct task_stat *stat)
{
    uint64_t fields[FIELDS];
    const char *at = strrchr(text, ')');
    for (unsigned i = 0; i < FIELDS; i++)
        if (!at || !kept_file_number(&at, &fields[i]))
            return false;
    const char *state = strrchr(text, ')');
    *stat = (struct task_stat){.is_zombie = state[1] == ' ' && (state[2] == 'Z' || state[2] == 'X'),
                               .faults = fields[FAULTS],
                               .major_faults = fields[MAJOR_FAULTS],
                               .user_ticks = fields[USER],
                               .system_ticks = fields[SYSTEM],
                               .threads = fields[THREADS],
                               .children = fields[CHILDREN_FAULTS] + fields[CHILDREN_MAJOR_FAULTS] +
                                           fields[CHILDREN_USER] + fields[CHILDREN_SYSTEM],
                               .start_ticks = fields[START],
                               .address_space = fields[ADDRESS_SPACE],
                               .resident_pages = fields[RESIDENT],
                               .processor = fields[PROCESSOR]};
    return true;
}
