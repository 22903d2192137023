#include "track/assign.h"

#include "base/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SIDE = 5, ROUNDS = 3000 };

/* The least cost by trying everything. */
static float least(const float *costs, int row, int rows, int columns, float none, unsigned taken)
{
    if (row == rows)
        return 0;
    float best = none + least(costs, row + 1, rows, columns, none, taken);
    for (int column = 0; column < columns; column++)
        if (!(taken >> column & 1) && costs[row * columns + column] < none)
            best = fminf(best, costs[row * columns + column] +
                                   least(costs, row + 1, rows, columns, none, taken | 1U << column));
    return best;
}

static void the_cost_is_the_least_of_all_assignments(void **state)
{
    (void)state;
    uint32_t random = 2463534242U;
    for (int round = 0; round < ROUNDS; round++) {
        int rows = round % (SIDE + 1), columns = round / 7 % (SIDE + 1), chosen[SIDE];
        float costs[SIDE * SIDE], sum = 0, none = 1.5F;
        unsigned taken = 0;
        for (int i = 0; i < rows * columns; i++) {
            random = random * 1664525U + 1013904223U;
            costs[i] = random % 5 == 0 ? 1e9F : (float)(random >> 8) / 8388608.0F;
        }
        assign_least(costs, rows, columns, none, chosen);
        for (int row = 0; row < rows; row++) {
            if (chosen[row] < 0) {
                sum += none;
                continue;
            }
            assert_true(chosen[row] < columns && !(taken >> chosen[row] & 1));
            assert_true(costs[row * columns + chosen[row]] < none);
            taken |= 1U << chosen[row];
            sum += costs[row * columns + chosen[row]];
        }
        assert_true(fabsf(sum - least(costs, 0, rows, columns, none, 0)) < 1e-4F);
    }
}

static void the_largest_matrix_is_solved(void **state)
{
    (void)state;
    static float costs[ASSIGN_LIMIT * ASSIGN_LIMIT];
    int chosen[ASSIGN_LIMIT];
    for (int row = 0; row < ASSIGN_LIMIT; row++)
        for (int column = 0; column < ASSIGN_LIMIT; column++)
            costs[row * ASSIGN_LIMIT + column] = (row + column) % ASSIGN_LIMIT == 7 ? 0.1F : 0.9F;
    assign_least(costs, ASSIGN_LIMIT, ASSIGN_LIMIT, 2, chosen);
    for (int row = 0; row < ASSIGN_LIMIT; row++)
        assert_int_equal((row + chosen[row]) % ASSIGN_LIMIT, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cost_is_the_least_of_all_assignments),
        cmocka_unit_test(the_largest_matrix_is_solved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
