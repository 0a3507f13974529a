/* The same additions in C: one atomic that the threads share, and a count of
 * each thread's own that is added to it at the end.
 *
 * shared_counter atomic|local THREADS ADDITIONS */

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab_sample.h"

static _Atomic uint64_t count;

static void *atomic_additions(void *share) {
    for (uint64_t n = *(uint64_t *)share; n > 0; n--)
        atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return NULL;
}

static void *local_additions(void *share) {
    uint64_t own = 0;
#pragma GCC unroll 8
    for (uint64_t n = *(uint64_t *)share; n > 0; n--) {
        uint64_t one = 1;
        __asm__ volatile("" : "+m"(one)); /* a black box */
        own += one;
    }
    atomic_fetch_add_explicit(&count, own, memory_order_relaxed);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    int threads = atoi(argv[2]);
    uint64_t additions = strtoull(argv[3], NULL, 10);
    void *(*work)(void *) =
        strcmp(argv[1], "atomic") == 0 ? atomic_additions : local_additions;
    pthread_t *thread = malloc(threads * sizeof *thread);
    uint64_t *share = malloc(threads * sizeof *share);

    lab_begin();
    for (int i = 0; i < threads; i++) {
        share[i] = additions / threads + (i < (int)(additions % threads));
        if (pthread_create(&thread[i], NULL, work, &share[i]) != 0)
            return 1;
    }
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
    char lost[24];
    snprintf(lost, sizeof lost, "%" PRIu64, additions - count);
    lab_end(lost);
    return 0;
}
