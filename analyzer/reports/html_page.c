/*
 * The page around a document. Its own file because reports of one profile and of two have the same.
 */
#include "analyzer/reports/html_page.h"

#include "analyzer/reports/assets.h"
#include "analyzer/util/packed_stream.h"
#include "analyzer/util/xml.h"

/* Whatever a name in the recording holds, the page runs nothing but its own scripts and asks
 * nobody for anything; pictures it draws itself may be saved. */
#define POLICY                                                                    \
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " \
    "img-src data: blob:; base-uri 'none'; form-action 'none'"

void html_page_write(const struct html_document *document, FILE *out)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
          out);
    xml_write_text(out, document->title, SIZE_MAX);
    fprintf(out, " - profinject</title>\n<style>\n%s</style>\n</head>\n<body>\n%s", asset_page_css,
            asset_page_html);
    fputs("<script id=\"data\" type=\"application/octet-stream\">", out);
    FILE *data = packed_stream_open(out);
    html_document_write(document, data);
    fclose(data);
    fprintf(out, "</script>\n<script>\n%s</script>\n<script>\n%s</script>\n</body>\n</html>\n",
            asset_dygraphs_js, asset_page_js);
}
