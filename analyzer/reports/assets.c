/*
 * The embedded files. Its own file because only this one is made by the
 * assembler, from paths relative to the repository root.
 */
#include "analyzer/reports/assets.h"

#define ASSET(symbol, path)                              \
    __asm__(".pushsection .rodata\n"                     \
            ".global " #symbol "\n"                      \
            ".type " #symbol ", %object\n" #symbol ":\n" \
            ".incbin \"" path "\"\n"                     \
            ".byte 0\n"                                  \
            ".size " #symbol ", . - " #symbol "\n"       \
            ".popsection\n")

ASSET(asset_flamegraph_js, "analyzer/reports/flamegraph.js");
ASSET(asset_flamegraph_css, "analyzer/reports/flamegraph.css");
/* Of the HTML report; made under BUILD, where the assembler looks for them (page.mk). */
ASSET(asset_page_html, "page/page.html");
ASSET(asset_page_css, "page/page.css");
ASSET(asset_page_js, "page/page.js");
ASSET(asset_dygraphs_js, "page/dygraphs.js");
