# Assembler of the corpus: lines without entries for functions, a symbol without a size, a
# local label, code in a section of its own.
        .text
        .globl  machine_assembler
        .type   machine_assembler, @function
machine_assembler:
        movl    %edi, %eax
        imull   $17, %eax, %eax
        testl   %eax, %eax
        js      .Lnegative
        call    no_size
        ret
.Lnegative:
        negl    %eax
        ret
        .size   machine_assembler, .-machine_assembler

        .type   no_size, @function
no_size:
        addl    $3, %eax
        xorl    %edi, %eax
        nop
        ret

        .section .text.unlikely,"ax",@progbits
        .type   elsewhere, @function
elsewhere:
        leal    1(%rdi), %eax
        ret
        .size   elsewhere, .-elsewhere
        .section .note.GNU-stack,"",@progbits
