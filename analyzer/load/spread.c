/* Spreading by weight. Its own file because it is arithmetic that anybody can check. */
#include "analyzer/load/spread.h"

#define ROUNDS 8 /* in each, those that are full drop out: what is left then is little */

static double weight_left(const struct spread_share *shares, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += shares[i].room > 0 ? shares[i].weight : 0;
    return sum;
}

static void give(struct spread_share *share, uint64_t amount)
{
    share->room -= amount;
    share->got += amount;
}

uint64_t spread(struct spread_share *shares, size_t count, uint64_t amount)
{
    for (int round = 0; round < ROUNDS && amount > 0; round++) {
        double all = weight_left(shares, count), whole = (double)amount;
        for (size_t i = 0; i < count && all > 0; i++) {
            double wanted = whole * shares[i].weight / all;
            uint64_t part = wanted < (double)shares[i].room ? (uint64_t)wanted : shares[i].room;
            part = part < amount ? part : amount;
            give(&shares[i], part);
            amount -= part;
        }
    }
    /* What rounding left over, to whoever has room. */
    for (size_t i = 0; i < count && amount > 0; i++) {
        uint64_t part = shares[i].weight <= 0     ? 0
                        : shares[i].room < amount ? shares[i].room
                                                  : amount;
        give(&shares[i], part);
        amount -= part;
    }
    return amount;
}
