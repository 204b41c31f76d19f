/*
 * `html`: a profile as one page. Its own file as one output format.
 */
#include "analyzer/reports/html_data.h"
#include "analyzer/reports/html_page.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"

static int write_html(const struct profile *profile, const struct report_options *options,
                      FILE *out, struct problem *problem)
{
    struct html_data data;

    (void)problem;
    html_data_init(&data, profile, options, report_root(profile, options));
    if (options->title != NULL)
        data.document.title = options->title;
    html_page_write(&data.document, out);
    html_data_release(&data);
    return 0;
}

const struct report report_html = {.name = "html",
                                   .over_time = true,
                                   .advises = true,
                                   .relates = true,
                                   .judges = true,
                                   .is_whole = true,
                                   .write = write_html};
