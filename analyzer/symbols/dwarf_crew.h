/*
 * The processes that read one file's DWARF: the first opens it and finds the units
 * that the addresses hit, then as many as there are processors inherit that and take
 * batch after batch of units. Whatever damage makes of them, they cannot hurt who
 * asked; whoever dies or takes too much has told over which addresses
 * (answer_stream.h).
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_CREW_H
#define PROFINJECT_SYMBOLS_DWARF_CREW_H

#include "analyzer/symbols/dwarf_files.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/strings.h"

/* More give nothing: the first one's work and the reader of the answers remain. */
#define DWARF_CREW_MAX 8

/* What the processes may take. */
struct dwarf_limits {
    unsigned processes;                 /* at most; 0: as dwarf_crew_size() says */
    unsigned cpu_seconds, wall_seconds; /* for one batch, or to open the file */
    uint64_t memory; /* bytes of its own, beyond what it inherits: mapped files do not count */
};

struct dwarf_task {
    const struct dwarf_files *files;
    bool inlines;
    struct strings *strings;
    struct symbol_query **queries; /* by ascending address */
    size_t count;
    size_t batch_max; /* addresses of a batch; 0: whole units, as many as are good for speed */
    struct dwarf_limits limits;
};

/* How many processes this machine has processors for, at most DWARF_CREW_MAX. */
unsigned dwarf_crew_size(void);

/*
 * What the first process does, started by fork(): answers go to the pipes `ends`, of which
 * there are `size`, one for each process; one that is not used is closed at once. When it
 * has ended so have the others, unless it died.
 */
_Noreturn void dwarf_crew_run(const struct dwarf_task *task, const int *ends, unsigned size);

#endif
