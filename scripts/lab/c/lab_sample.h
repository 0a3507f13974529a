/* Measures one arm that is written in C, and prints its sample for the lab.
 *
 *     lab_begin();
 *     ... the work ...
 *     lab_end("5000000");                    the answer as text, or NULL
 *
 * The sample is one line of JSON with the fields of `Sample` in scripts/lab/src/record.rs: nanoseconds,
 * bytes, and whatever this system does not expose left out. For systems that have POSIX threads.
 */
#ifndef LAB_SAMPLE_H
#define LAB_SAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* Nanoseconds of a clock that never goes back. */
static inline uint64_t lab_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct lab_usage {
    uint64_t user, system;
    long voluntary, involuntary;
};

static inline uint64_t lab_nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

/* Processor time and context switches of this process, all of its threads together. */
static inline struct lab_usage lab_used(void) {
    struct rusage of;
    getrusage(RUSAGE_SELF, &of);
    return (struct lab_usage){lab_nanoseconds(of.ru_utime), lab_nanoseconds(of.ru_stime), of.ru_nvcsw,
                              of.ru_nivcsw};
}

/* This process's own high-water mark; Linux's ru_maxrss begins at its parent's. 0 where it is not exposed. */
static inline uint64_t lab_peak_bytes(void) {
    unsigned long kibibytes = 0;
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, status) != NULL && sscanf(line, "VmHWM: %lu", &kibibytes) != 1) {
    }
    fclose(status);
    return (uint64_t)kibibytes * 1024u;
}

static uint64_t lab_started;
static struct lab_usage lab_before;
static const uint64_t *lab_every_latency;
static size_t lab_latency_count;

/* What comes from here on is timed. */
static inline void lab_begin(void) {
    lab_before = lab_used();
    lab_started = lab_now();
}

/* A distribution, in nanoseconds, that the sample holds beside its time: before lab_end. */
static inline void lab_latencies(const uint64_t *nanoseconds, size_t count) {
    lab_every_latency = nanoseconds;
    lab_latency_count = count;
}

/* The work is done. The answer is a word or a number, without quotation marks; NULL where there is none. */
static inline void lab_end(const char *answer) {
    uint64_t wall = lab_now() - lab_started, peak = lab_peak_bytes();
    struct lab_usage after = lab_used();
    printf("{\"wall_ns\":%llu,\"user_ns\":%llu,\"system_ns\":%llu", (unsigned long long)wall,
           (unsigned long long)(after.user - lab_before.user),
           (unsigned long long)(after.system - lab_before.system));
    printf(",\"voluntary_switches\":%ld,\"involuntary_switches\":%ld",
           after.voluntary - lab_before.voluntary, after.involuntary - lab_before.involuntary);
    if (peak != 0) {
        printf(",\"peak_bytes\":%llu", (unsigned long long)peak);
    }
    if (answer != NULL) {
        printf(",\"answer\":\"%s\"", answer);
    }
    for (size_t i = 0; i < lab_latency_count; i++) {
        printf("%s%llu", i == 0 ? ",\"latencies_ns\":[" : ",", (unsigned long long)lab_every_latency[i]);
    }
    printf("%s}\n", lab_latency_count == 0 ? "" : "]");
    fflush(stdout);
}

#endif
