/* Unit tests of analyzer/heat/matrix.c and chain.c. */
#include "analyzer/heat/chain.h"
#include "analyzer/heat/matrix.h"

#include <criterion/criterion.h>
#include <math.h>

static uint64_t multiply(struct matrix *matrix)
{
    uint64_t operations = 0;

    for (unsigned row = 0; row < matrix->n; row += MATRIX_PANEL)
        operations += matrix_product(matrix, row);
    return operations;
}

/* Every element against three plain loops. */
static void check_product(unsigned n)
{
    struct matrix matrix;

    cr_assert_eq(matrix_init(&matrix, n, n), 0);
    cr_assert_eq(multiply(&matrix), 2ULL * n * n * n);
    for (unsigned row = 0; row < n; row++)
        for (unsigned column = 0; column < n; column++) {
            double sum = 0;
            for (unsigned k = 0; k < n; k++)
                sum += matrix_left(&matrix, row, k) * matrix_right(&matrix, k, column);
            double got = matrix_element(&matrix, row, column);
            cr_assert_float_eq(got, sum, 1e-11 * n, "%u: %u %u: %g, not %g", n, row, column, got,
                               sum);
        }
    cr_assert(matrix_is_sound(&matrix));
    matrix_release(&matrix);
}

Test(matrix, products_are_products)
{
    const unsigned sizes[] = {8, 9, 10, 11, 39, 40, 41, 79, 80, 97, 200, 257, 300};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        check_product(sizes[i]);
}

Test(matrix, by_each_inner_loop_that_this_processor_has)
{
    const char *options[] = {"avx512", "avx2", "sse2", "plain"};
    unsigned tried = 0;

    for (unsigned i = 0; i < 4; i++) {
        if (!matrix_choose(options[i]))
            continue;
        tried++;
        check_product(200);
        check_product(97);
    }
    cr_assert_geq(tried, 1);
    cr_assert_not(matrix_choose("mmx"));
}

Test(matrix, a_product_again_is_the_same)
{
    struct matrix matrix;

    cr_assert_eq(matrix_init(&matrix, 120, 3), 0);
    multiply(&matrix);
    double before = matrix_element(&matrix, 119, 119);
    multiply(&matrix);
    cr_assert_eq(matrix_element(&matrix, 119, 119), before);
    matrix_release(&matrix);
}

Test(matrix, one_wrong_bit_is_seen)
{
    struct matrix matrix;

    cr_assert_eq(matrix_init(&matrix, 200, 1), 0);
    multiply(&matrix);
    cr_assert(matrix_is_sound(&matrix));
    matrix.product[17 * matrix.stride + 5] += 0.01;
    cr_assert_not(matrix_is_sound(&matrix));
    multiply(&matrix);
    cr_assert(matrix_is_sound(&matrix));
    matrix.product[0] = NAN;
    cr_assert_not(matrix_is_sound(&matrix));
    matrix.product[0] = INFINITY;
    cr_assert_not(matrix_is_sound(&matrix));
    matrix_release(&matrix);
}

Test(matrix, memory_is_what_was_said)
{
    struct matrix matrix;

    cr_assert_geq(matrix_bytes(1500), 3UL * 1500 * 1500 * 8);
    cr_assert_leq(matrix_bytes(1500), 3UL * 1504 * 1500 * 8 + 4096);
    cr_assert_eq(matrix_init(&matrix, 100, 1), 0);
    cr_assert_eq(matrix.bytes, matrix_bytes(100));
    matrix_release(&matrix);
    matrix_release(&matrix);
}

Test(chain, is_what_libm_says)
{
    double value = 0.7;

    for (int i = 0; i < 20; i++) {
        double next = chain_run(value, 1);
        cr_assert_float_eq(next, exp(-pow(value, 8)), 1e-9);
        value = next;
    }
    cr_assert_eq(chain_run(0.7, 20), value, "twenty at once");
}

Test(chain, survives_whatever_it_begins_with)
{
    const double odd[] = {NAN, INFINITY, -INFINITY, -1, 2, 1e308, 0, 1};

    for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        double value = chain_run(odd[i], 100);
        cr_assert(value >= 0.3 && value <= 1, "%g: %g", odd[i], value);
    }
}
