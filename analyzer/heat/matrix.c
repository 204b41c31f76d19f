/*
 * A blocked matrix product. Its own file because the inner loops are made once for each
 * generation of processors, and nothing else here is.
 *
 * A tile of the product (a few rows by STRIP columns) stays in registers while DEPTH products are
 * added to each element; the strip of the right factor that it takes them from stays in the first
 * cache for all tiles of a panel. There are as many rows in a tile as keep two multiply-and-add
 * units busy: 8 sums at least, each 4 cycles long.
 */
#include "analyzer/heat/matrix.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

#define STRIP 8   /* columns */
#define DEPTH 256 /* 16 KiB of a strip */
#define PAGE 4096

typedef void tile_function(const double *left, const double *right, double *product, size_t depth,
                           size_t stride);

/* Without this the sums of a tile live in memory: a tenth of the speed. */
#ifdef __clang__
#define UNROLLED
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

/* `left`: `rows` elements of each column; `right`: STRIP elements of each row. */
#define DEFINE_TILE(name, attributes, lanes, rows)                                         \
    attributes static void name(const double *left, const double *right, double *product,  \
                                size_t depth, size_t stride)                               \
    {                                                                                      \
        typedef double vector                                                              \
            __attribute__((vector_size((lanes) * sizeof(double)), aligned(8), may_alias)); \
        vector sums[rows][STRIP / (lanes)] = {{{0}}};                                      \
        for (size_t k = 0; k < depth; k++, left += (rows), right += STRIP) {               \
            UNROLLED for (unsigned r = 0; r < (rows); r++)                                 \
            {                                                                              \
                UNROLLED for (unsigned v = 0; v < STRIP / (lanes); v++) sums[r][v] +=      \
                    left[r] * ((const vector *)right)[v];                                  \
            }                                                                              \
        }                                                                                  \
        UNROLLED for (unsigned r = 0; r < (rows); r++)                                     \
        {                                                                                  \
            UNROLLED for (unsigned v = 0; v < STRIP / (lanes);                             \
                          v++)((vector *)(product + r * stride))[v] += sums[r][v];         \
        }                                                                                  \
    }

#ifdef __x86_64__
DEFINE_TILE(matrix_tile_avx512, __attribute__((target("avx512f"))), 8, 10)
DEFINE_TILE(matrix_tile_avx2, __attribute__((target("avx2,fma"))), 4, 5)
DEFINE_TILE(matrix_tile_sse2, , 2, 2)
#else
DEFINE_TILE(matrix_tile_plain, , 2, 5)
#endif

struct matrix_kind {
    const char *name, *option;
    tile_function *tile;
    unsigned rows; /* divides MATRIX_PANEL */
};

/* The best first. */
static const struct matrix_kind kinds[] = {
#ifdef __x86_64__
    {"AVX-512", "avx512", matrix_tile_avx512, 10},
    {"AVX2", "avx2", matrix_tile_avx2, 5},
    {"SSE2", "sse2", matrix_tile_sse2, 2},
#else
    {"plain", "plain", matrix_tile_plain, 5},
#endif
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct matrix_kind *chosen;

/* The last kind always runs. */
static bool runs_here(size_t kind)
{
#ifdef __x86_64__
    if (kind == 0)
        return __builtin_cpu_supports("avx512f");
    if (kind == 1)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return kind == KINDS - 1;
}

static const struct matrix_kind *kind_here(void)
{
    for (size_t i = 0; chosen == NULL && i < KINDS; i++)
        if (runs_here(i))
            chosen = &kinds[i];
    return chosen;
}

bool matrix_choose(const char *option)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].option, option) == 0 && runs_here(i)) {
            chosen = &kinds[i];
            return true;
        }
    return false;
}

const char *matrix_processor(void)
{
    return kind_here()->name;
}

static size_t round_up(size_t value, size_t to)
{
    return (value + to - 1) / to * to;
}

/* Rows are rounded up to the largest tile's on every processor: 10. */
static size_t padded_rows(unsigned n)
{
    return round_up(n, 10);
}

static size_t elements(unsigned n)
{
    size_t rows = padded_rows(n), columns = round_up(n, STRIP);

    return rows * n + n * columns + rows * columns;
}

size_t matrix_bytes(unsigned n)
{
    return round_up(elements(n) * sizeof(double), PAGE);
}

static double *left_at(const struct matrix *matrix, unsigned row, unsigned column)
{
    size_t tile = row / matrix->kind->rows;

    return matrix->left + (tile * matrix->n + column) * matrix->kind->rows +
           row % matrix->kind->rows;
}

static double *right_at(const struct matrix *matrix, unsigned row, unsigned column)
{
    size_t strip = column / STRIP;

    return matrix->right + (strip * matrix->n + row) * STRIP + column % STRIP;
}

double matrix_left(const struct matrix *matrix, unsigned row, unsigned column)
{
    return *left_at(matrix, row, column);
}

double matrix_right(const struct matrix *matrix, unsigned row, unsigned column)
{
    return *right_at(matrix, row, column);
}

double matrix_element(const struct matrix *matrix, unsigned row, unsigned column)
{
    return matrix->product[(size_t)row * matrix->stride + column];
}

/* xorshift64*, the upper 53 bits. */
static double next_element(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * 0x2545f4914f6cdd1dULL) >> 11) * 0x1p-53;
}

/* Sum of the product's elements: each column's sum on the left by its row's sum on the right. */
static void fill(struct matrix *matrix, uint64_t seed)
{
    uint64_t state = seed * 2 + 1;

    for (unsigned k = 0; k < matrix->n; k++) {
        double column = 0, row = 0;
        for (unsigned i = 0; i < matrix->n; i++) {
            column += *left_at(matrix, i, k) = next_element(&state);
            row += *right_at(matrix, k, i) = next_element(&state);
        }
        matrix->expected += column * row;
    }
}

int matrix_init(struct matrix *matrix, unsigned n, uint64_t seed)
{
    size_t rows = padded_rows(n), columns = round_up(n, STRIP), bytes = matrix_bytes(n);

    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(matrix, 0, sizeof(*matrix));
    if (memory == MAP_FAILED)
        return -1;
    madvise(memory, bytes, MADV_HUGEPAGE);
    *matrix = (struct matrix){
        .n = n,
        .stride = (unsigned)columns,
        .kind = kind_here(),
        .left = memory,
        .right = (double *)memory + rows * n,
        .product = (double *)memory + rows * n + n * columns,
        .bytes = bytes,
    };
    fill(matrix, seed);
    return 0;
}

void matrix_release(struct matrix *matrix)
{
    if (matrix->left != NULL)
        munmap(matrix->left, matrix->bytes);
    memset(matrix, 0, sizeof(*matrix));
}

uint64_t matrix_product(struct matrix *matrix, unsigned row)
{
    const struct matrix_kind *kind = matrix->kind;
    size_t n = matrix->n, stride = matrix->stride;
    size_t rows = n - row < MATRIX_PANEL ? n - row : MATRIX_PANEL;
    size_t end = row + round_up(rows, matrix->kind->rows);

    memset(matrix->product + row * stride, 0, (end - row) * stride * sizeof(double));
    for (size_t k = 0; k < n; k += DEPTH) {
        size_t depth = n - k < DEPTH ? n - k : DEPTH;
        for (size_t column = 0; column < stride; column += STRIP)
            for (size_t i = row; i < end; i += kind->rows)
                kind->tile(matrix->left + i * n + k * matrix->kind->rows,
                           matrix->right + column * n + k * STRIP,
                           matrix->product + i * stride + column, depth, stride);
    }
    return 2 * rows * n * n;
}

/* Padding is zero, and is added with the rest. Eight sums, or each addition waits for the last. */
bool matrix_is_sound(const struct matrix *matrix)
{
    size_t count = (size_t)matrix->n * matrix->stride;
    double sums[STRIP] = {0}, sum = 0;

    for (size_t i = 0; i < count; i += STRIP)
        for (unsigned j = 0; j < STRIP; j++)
            sums[j] += matrix->product[i + j];
    for (unsigned j = 0; j < STRIP; j++)
        sum += sums[j];
    return fabs(sum - matrix->expected) <= matrix->expected * 1e-9;
}
