/*
 * Reports: one file per output behind this small vtable. A report reads a
 * finished profile and writes to a stream; it keeps no state, and opens no files but source text that
 * it quotes (source_text.h).
 */
#ifndef PROFINJECT_REPORTS_REPORT_H
#define PROFINJECT_REPORTS_REPORT_H

#include "analyzer/model/profile.h"
#include "analyzer/util/problem.h"

#include <stdio.h>

struct diff;
struct diff_changes;
struct judgement;
struct recommendations;
struct relations;
struct suppressions;

/* Pixels, of a flame graph that is drawn. */
#define FLAME_WIDTH 1200

/* What colours of the flame graph tell apart. */
enum flame_color { FLAME_BY_MODULE, FLAME_BY_LANGUAGE };

struct report_options {
    enum metric metric;
    const char *title; /* NULL: made from the command */
    size_t top;        /* rows of tables; 0 = default */
    bool all;          /* every section */
    bool json;
    bool by_thread, by_process;
    bool icicle;
    bool reverse;     /* of the flame graph: leaves at the root */
    double min_width; /* of its frames, pixels of 1200; 0: default */
    enum flame_color color_by;
    const char *function;   /* of `report`: its callers and callees; NULL: not asked for */
    const char *source;     /* a file or function whose lines to show; NULL: likewise */
    const char *source_dir; /* where to look for source text first; NULL: nowhere */
    bool leaks;             /* what was not freed, alone */
    const struct suppressions *suppressions;       /* of leaks; NULL: none */
    const struct recommendations *recommendations; /* NULL: nobody made any */
    const struct relations *relations;             /* NULL: likewise */
    const struct judgement *judgement;             /* likewise; see model/judgement.h */
    size_t rings_left;                             /* of killed processes, in memory: */
    uint64_t rings_left_bytes;
    const struct diff *diff; /* of a comparison, whose profile this is; NULL: there is none */
    bool widths_before;      /* of the flame graph: the profile has the values before */
    const struct diff_changes *changes; /* what it found */
    bool color;                         /* the stream is a terminal that wants colour */
    bool blocks;      /* the locale is one of UTF-8: bars in eighths of a column */
    unsigned columns; /* width of the terminal, 80 when unknown */
};

struct report {
    const char *name; /* "folded"; of exports what --format calls it */
    bool over_time;   /* reads profile->samples */
    bool all_metrics; /* holds every metric there is, also those that samples make */
    bool advises;     /* reads options->recommendations */
    bool relates;     /* reads options->relations; the text report with --all alone */
    bool judges;      /* reads options->judgement */
    bool is_whole;    /* shows everything there is, without being asked to */
    bool is_binary;   /* not for terminals */
    /* Writes the whole output. Returns 0 or a negative problem code; a failed
     * stream is left to the caller (ferror). */
    int (*write)(const struct profile *profile, const struct report_options *options, FILE *out,
                 struct problem *problem);
};

extern const struct report report_text;       /* `profinject report` */
extern const struct report report_folded;     /* `profinject folded` */
extern const struct report report_flamegraph; /* `profinject flamegraph` */
extern const struct report report_html;       /* `profinject html` */
extern const struct report report_json;       /* `profinject export --format json` */
extern const struct report report_pprof;      /* likewise, `pprof` */
extern const struct report report_callgrind;
extern const struct report report_speedscope;
extern const struct report report_firefox;
extern const struct report report_diff_text;   /* `profinject diff`; these with options.diff */
extern const struct report report_diff_folded; /* --format folded */
extern const struct report report_diff_svg;    /* --format svg */
extern const struct report report_diff_html;   /* --format html */
extern const struct report report_info;        /* `profinject info` */
extern const struct report report_correlate;   /* `profinject correlate` */

#endif
