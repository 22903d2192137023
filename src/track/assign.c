#include "track/assign.h"

#include <float.h>

enum { COLUMN_LIMIT = 2 * ASSIGN_LIMIT + 1, NOBODY = 0 };

/* The Hungarian method, one row at a time along shortest augmenting paths. Rows and columns count from 1 in
 * here; after the real columns follow as many stand-ins for "none" as there are rows. */
struct search {
    const float *costs;
    float none;
    int rows, real, columns;
    float row_price[ASSIGN_LIMIT + 1];
    float column_price[COLUMN_LIMIT + 1];
    int row_of[COLUMN_LIMIT + 1]; /* NOBODY while free */
    int came_from[COLUMN_LIMIT + 1];
    float distance[COLUMN_LIMIT + 1];
    bool visited[COLUMN_LIMIT + 1];
};

static float cost_of(const struct search *search, int row, int column)
{
    if (column > search->real)
        return search->none;
    float cost = search->costs[(row - 1) * search->real + column - 1];
    return cost < search->none ? cost : 2 * search->none;
}

/* Visits the nearest column; returns the next one. */
static int step(struct search *search, int column)
{
    int row = search->row_of[column], nearest = 0;
    float least = FLT_MAX;
    search->visited[column] = true;
    for (int other = 1; other <= search->columns; other++) {
        if (search->visited[other])
            continue;
        float way = cost_of(search, row, other) - search->row_price[row] - search->column_price[other];
        if (way < search->distance[other]) {
            search->distance[other] = way;
            search->came_from[other] = column;
        }
        if (search->distance[other] < least) {
            least = search->distance[other];
            nearest = other;
        }
    }
    for (int other = 0; other <= search->columns; other++)
        if (search->visited[other]) {
            search->row_price[search->row_of[other]] += least;
            search->column_price[other] -= least;
        } else {
            search->distance[other] -= least;
        }
    return nearest;
}

static void add_row(struct search *search, int row)
{
    int column = 0;
    search->row_of[0] = row;
    for (int i = 0; i <= search->columns; i++) {
        search->distance[i] = FLT_MAX;
        search->visited[i] = false;
    }
    do
        column = step(search, column);
    while (search->row_of[column] != NOBODY);
    for (; column; column = search->came_from[column])
        search->row_of[column] = search->row_of[search->came_from[column]];
}

void assign_least(const float *costs, int rows, int columns, float none, int column_of_row[])
{
    struct search search = {
        .costs = costs, .none = none, .rows = rows, .real = columns, .columns = columns + rows};
    for (int row = 1; row <= rows; row++) {
        column_of_row[row - 1] = -1;
        add_row(&search, row);
    }
    for (int column = 1; column <= columns; column++)
        if (search.row_of[column] != NOBODY)
            column_of_row[search.row_of[column] - 1] = column - 1;
}
