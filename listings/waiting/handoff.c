// Two threads pass a turn back and forth: handoff.rs in C, spinning on an
// atomic, or with a mutex and a condition variable.

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab_sample.h"

// ANCHOR: spinning
static atomic_size_t turn;

static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

static void pass_by_spinning(size_t side) {
    atomic_store_explicit(&turn, side, memory_order_release);
}

static void wait_by_spinning(size_t side) {
    while (atomic_load_explicit(&turn, memory_order_acquire) != side)
        pause_briefly();
}
// ANCHOR_END: spinning

// ANCHOR: telling
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed = PTHREAD_COND_INITIALIZER;
static size_t told;

static void pass_by_telling(size_t side) {
    pthread_mutex_lock(&lock);
    told = side;
    pthread_mutex_unlock(&lock);
    pthread_cond_signal(&passed);
}

static void wait_by_telling(size_t side) {
    pthread_mutex_lock(&lock);
    while (told != side)
        pthread_cond_wait(&passed, &lock);
    pthread_mutex_unlock(&lock);
}
// ANCHOR_END: telling

static void (*pass_to)(size_t);
static void (*wait_on)(size_t);
static atomic_bool over;
static pthread_barrier_t both;

static void *other_side(void *unused) {
    (void)unused;
    pthread_barrier_wait(&both);
    for (;;) {
        wait_on(1);
        if (atomic_load_explicit(&over, memory_order_relaxed))
            return NULL;
        pass_to(0);
    }
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: handoff spin|condvar TRIPS KEPT\n");
        return 2;
    }
    int spins = strcmp(words[1], "spin") == 0;
    size_t most = strtoull(words[2], NULL, 10);
    size_t kept = strtoull(words[3], NULL, 10);
    pass_to = spins ? pass_by_spinning : pass_by_telling;
    wait_on = spins ? wait_by_spinning : wait_by_telling;
    uint64_t *trips = calloc(most, sizeof *trips);
    if (!trips || !kept)
        return 1;

    lab_begin();
    pthread_t other;
    pthread_barrier_init(&both, NULL, 2);
    if (pthread_create(&other, NULL, other_side, NULL) != 0)
        return 1;
    pthread_barrier_wait(&both);
    uint64_t begun = lab_now();
    size_t made = 0;
    while (made < most && lab_now() - begun < 250000000) {
        uint64_t start = lab_now();
        pass_to(1);
        wait_on(0);
        trips[made++] = lab_now() - start;
    }
    atomic_store_explicit(&over, 1, memory_order_relaxed);
    pass_to(1);
    pthread_join(other, NULL);

    size_t step = (made + kept - 1) / kept, left = 0;
    for (size_t at = 0; at < made; at += step)
        trips[left++] = trips[at];
    lab_latencies(trips, left);
    lab_end(NULL);
    free(trips);
    return 0;
}
