/*
 * Two square matrices and their product, in panels of rows: the work of `profinject heat`.
 *
 * Both factors are kept as the inner loop reads them, from the beginning: nothing is packed while
 * it computes. A product of n x n counts 2 n^3 floating-point operations, a panel of r rows 2 r n^2;
 * what the edges of tiles cost above that is not counted.
 *
 * Owned by one thread; the memory is mapped, in huge pages where there are, and touched at once.
 */
#ifndef PROFINJECT_HEAT_MATRIX_H
#define PROFINJECT_HEAT_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATRIX_PANEL 40   /* rows of a panel; the last one of a product may have fewer */
#define MATRIX_SMALLEST 8 /* n */
#define MATRIX_LARGEST 8192

struct matrix_kind;

struct matrix {
    unsigned n;
    unsigned stride;                /* columns, rounded up to whole strips */
    const struct matrix_kind *kind; /* of inner loop */
    double *left, *right, *product;
    double expected; /* sum of all elements of the product, found without it */
    size_t bytes;
};

/* Bytes that n x n takes: all three matrices, rounded up to pages. */
size_t matrix_bytes(unsigned n);

/* Elements are the same for the same `seed`, in [0, 1): their product holds no NaN and no infinity.
 * Returns 0, or -1 with errno when there is no memory. */
int matrix_init(struct matrix *matrix, unsigned n, uint64_t seed);
void matrix_release(struct matrix *matrix); /* what is zeroed is allowed */

/* Computes the panel that begins at `row`, a multiple of MATRIX_PANEL; returns its operations. */
uint64_t matrix_product(struct matrix *matrix, unsigned row);

/* Whether the whole product's sum is the expected one, but for rounding: false says that the
 * processor or the memory is wrong. */
bool matrix_is_sound(const struct matrix *matrix);

double matrix_left(const struct matrix *matrix, unsigned row, unsigned column);
double matrix_right(const struct matrix *matrix, unsigned row, unsigned column);
double matrix_element(const struct matrix *matrix, unsigned row, unsigned column);

/* Which inner loop matrices from now on are for: "avx512", "avx2", "sse2" ("plain" where it is none
 * of these processors); without it the best there is. False: this processor has none such. */
bool matrix_choose(const char *option);

/* What the inner loop is made for: "AVX-512", "AVX2", "SSE2", "plain". */
const char *matrix_processor(void);

#endif
