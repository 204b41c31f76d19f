/* Copies are read by the path they say, and given back. */
#include "analyzer/trace/trace_copies.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

Test(trace_copies, are_read_by_their_path_until_released)
{
    struct trace_copies copies = {0};
    char content[8] = "";
    int fd = memfd_create("copy", MFD_CLOEXEC);

    cr_assert_eq(write(fd, "bytes", 5), 5);
    trace_copies_add(&copies, "/somewhere/a.1.pinj", fd);
    cr_assert_eq(copies.count, 1);
    cr_assert_str_eq(copies.items[0].trace, "/somewhere/a.1.pinj");
    FILE *in = fopen(copies.items[0].content, "r");
    cr_assert_eq(fread(content, 1, sizeof(content), in), 5);
    fclose(in);
    trace_copies_release(&copies);
    cr_assert_eq(fcntl(fd, F_GETFD), -1);
    cr_assert_eq(copies.count, 0);
}
