/* Unit tests of analyzer/util/xml.c. */
#include "analyzer/util/xml.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>

static void assert_written(const char *input, size_t count, const char *expected)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    xml_write_text(out, input, count);
    fclose(out);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(xml, markup_is_escaped)
{
    assert_written("operator<<(\"a\" & 'b')>", SIZE_MAX,
                   "operator&lt;&lt;(&quot;a&quot; &amp; &#39;b&#39;)&gt;");
}

Test(xml, what_xml_forbids_is_replaced)
{
    assert_written("a\x01"
                   "b\xff\xef\xbf\xbe",
                   SIZE_MAX,
                   "a\xef\xbf\xbd"
                   "b\xef\xbf\xbd\xef\xbf\xbd");
}

Test(xml, count_is_of_code_points)
{
    assert_written("<\xe2\x82\xac>", 2, "&lt;\xe2\x82\xac");
    assert_written("abc", 0, "");
}
