/* Unit tests of preload/go_program.c, in a program that has Go's note as its linker writes it:
 * between others. That a program without it is none, tests of deaths show. */
#include "preload/go_program.h"

#include <criterion/criterion.h>

__asm__(".pushsection .note.go.buildid,\"a\",@note\n"
        ".balign 4\n"
        ".long 2, 5, 1\n"
        ".asciz \"x\"\n"
        ".balign 4\n"
        ".ascii \"12345\"\n"
        ".balign 4\n"
        ".long 4, 7, 4\n"
        ".ascii \"Go\\0\\0abcdefg\"\n"
        ".balign 4\n"
        ".popsection\n");

Test(go_program, a_program_with_its_note_is_one)
{
    cr_assert(go_program_is_this());
}
