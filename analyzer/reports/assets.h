/*
 * Scripts and styles that go into the documents the reports write, as text that
 * ends in NUL. They are source files of their own (flamegraph.js, ...), taken in
 * by the assembler.
 */
#ifndef PROFINJECT_REPORTS_ASSETS_H
#define PROFINJECT_REPORTS_ASSETS_H

extern const char asset_flamegraph_js[];
extern const char asset_flamegraph_css[];
extern const char asset_page_html[]; /* of the HTML report, see analyzer/page */
extern const char asset_page_css[];
extern const char asset_page_js[];
extern const char asset_dygraphs_js[];

#endif
