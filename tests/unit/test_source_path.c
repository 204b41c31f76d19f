/*
 * Joining and normalising, against results written by hand.
 */
#include "analyzer/symbols/source_path.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void check(const char *directory, const char *name, const char *expected)
{
    char *path = source_path_join(directory, name);

    cr_expect_str_eq(path, expected);
    free(path);
}

Test(source_path, join)
{
    check("/build/app", "main.c", "/build/app/main.c");
    check("/build/app/", "sub/main.c", "/build/app/sub/main.c");
    check("/build/app", "/usr/include/stdio.h", "/usr/include/stdio.h");
    check("src", "main.c", "src/main.c");
    check(NULL, "main.c", "main.c");
    check("", "main.c", "main.c");
    check("/build", NULL, "/build");
    check("/build", "", "/build");
    check(NULL, NULL, "");
}

Test(source_path, normalise)
{
    check("/build/./app", "./main.c", "/build/app/main.c");
    check("/build/app", "../lib/x.h", "/build/lib/x.h");
    check("/build//app", "a/b/../../x.c", "/build/app/x.c");
    check("./csu", "../sysdeps/x86_64/start.S", "sysdeps/x86_64/start.S");
    check("/a", "../../../x.c", "/x.c");
    check("a", "../../../x.c", "../../x.c");
    check("/", "x.c", "/x.c");
    check("/a/..b", "...", "/a/..b/...");
    check(".", ".", "");
    check("/a/..", "", "/");
}
