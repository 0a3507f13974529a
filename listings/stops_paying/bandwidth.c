/* The same sums in C, over the same buffers, by one thread.
 *
 * bandwidth BYTES SIZE */

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lab_sample.h"

// ANCHOR: sum
/* Two numbers in each register, and eight registers: what the compiler makes of
 * the sixteen sums in Rust. (gcc -O2 would add one number after the other.) */
typedef uint64_t pair __attribute__((vector_size(16)));

static uint64_t sum(const uint64_t *numbers, size_t count) {
    pair sums[8] = {{0, 0}};
    size_t whole = count / 16 * 16;
    for (size_t i = 0; i < whole; i += 16) {
        const pair *row = (const pair *)(numbers + i);
#pragma GCC unroll 8
        for (int k = 0; k < 8; k++)
            sums[k] += row[k];
    }
    uint64_t all = 0;
    for (int k = 0; k < 8; k++)
        all += sums[k][0] + sums[k][1];
    for (size_t i = whole; i < count; i++)
        all += numbers[i];
    return all;
}
// ANCHOR_END: sum

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    size_t wanted = strtoull(argv[1], NULL, 10) / sizeof(uint64_t);
    size_t count = strtoull(argv[2], NULL, 10) / sizeof(uint64_t);
    uint64_t *numbers = aligned_alloc(64, count * sizeof(uint64_t));
    if (numbers == NULL)
        return 1;
    for (size_t i = 0; i < count; i++)
        numbers[i] = 1;

    lab_begin();
    uint64_t ones = 0;
    for (size_t pass = 0; pass < wanted / count; pass++) {
        __asm__ volatile("" : : "r"(numbers) : "memory"); /* a black box */
        ones += sum(numbers, count);
    }
    ones += sum(numbers, wanted % count);
    char read[24];
    snprintf(read, sizeof read, "%" PRIu64, 8 * ones);
    lab_end(read);
    free(numbers);
    return 0;
}
