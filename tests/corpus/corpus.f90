! Fortran of the corpus: modules, contained procedures, arrays.
module corpus_module
    implicit none
contains
    function twice(x) result(y)
        real(8), intent(in) :: x(:)
        real(8) :: y
        y = sum(x) * 2
    end function twice

    subroutine scale(x, by)
        real(8), intent(inout) :: x(:)
        real(8), intent(in) :: by
        integer :: i
        do i = 1, size(x)
            x(i) = inner(x(i))
        end do
    contains
        function inner(v) result(w)
            real(8), intent(in) :: v
            real(8) :: w
            w = v * by + twice(x)
        end function inner
    end subroutine scale
end module corpus_module

program corpus
    use corpus_module
    implicit none
    real(8) :: values(10)
    integer :: i
    do i = 1, 10
        values(i) = i * command_argument_count()
    end do
    call scale(values, 3.0d0)
    print *, twice(values)
end program corpus
