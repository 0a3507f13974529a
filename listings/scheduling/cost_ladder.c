/* The rungs with threads and processes by the system's own calls.
 *
 *     cost_ladder threads N          pthread_create, pthread_join
 *     cost_ladder guarded N          the same, with what Rust's library does for each thread
 *     cost_ladder fork N PROGRAM     fork, execv, waitpid
 *     cost_ladder spawn N PROGRAM    posix_spawn, waitpid
 *
 * With a number at the end, of a program that has so many megabytes of memory in use.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab_sample.h"

extern char **environ;

static void failed(const char *what) {
    perror(what);
    exit(1);
}

static void *nothing(void *unused) {
    return unused;
}

/* A second stack for the handler that tells of an overflow of the first, with a page before it that
 * refuses every access; and both taken down again. */
static void *nothing_guarded(void *unused) {
#ifdef __linux__
    pthread_attr_t own; /* where the first stack ends */
    if (pthread_getattr_np(pthread_self(), &own) != 0) {
        failed("pthread_getattr_np");
    }
    pthread_attr_destroy(&own);
#endif
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)SIGSTKSZ;
    char *memory = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory, page, PROT_NONE) != 0) {
        failed("the second stack");
    }
    stack_t stack = {.ss_sp = memory + page, .ss_flags = 0, .ss_size = size};
    stack_t before, none = {.ss_sp = NULL, .ss_flags = SS_DISABLE, .ss_size = size};
    if (sigaltstack(NULL, &before) != 0 || sigaltstack(&stack, NULL) != 0 ||
        sigaltstack(&none, NULL) != 0) {
        failed("sigaltstack");
    }
    munmap(memory, page + size);
    return unused;
}

static void thread(void *(*work)(void *)) {
    pthread_t started;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 2 * 1024 * 1024); /* as Rust's library asks for */
    if (pthread_create(&started, &attributes, work, NULL) != 0) {
        failed("pthread_create");
    }
    pthread_attr_destroy(&attributes);
    pthread_join(started, NULL);
}

static void wait_for(pid_t process) {
    int status;
    if (waitpid(process, &status, 0) != process || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        failed("the process");
    }
}

static void by_fork(char *program) {
    char *arguments[] = {program, "nothing", NULL};
    pid_t process = fork();
    if (process == 0) {
        execv(program, arguments);
        _exit(127);
    }
    wait_for(process);
}

static void by_spawn(char *program) {
    char *arguments[] = {program, "nothing", NULL};
    pid_t process;
    if (posix_spawn(&process, program, NULL, NULL, arguments, environ) != 0) {
        failed("posix_spawn");
    }
    wait_for(process);
}

/* Memory in use, in pages of the usual size. */
static void have(size_t megabytes) {
    size_t size = megabytes * 1024 * 1024;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        failed("the memory");
    }
#ifdef MADV_NOHUGEPAGE
    madvise(memory, size, MADV_NOHUGEPAGE);
#endif
    memset(memory, 1, size);
}

int main(int count, char **arguments) {
    if (count < 3) {
        return 2;
    }
    const char *rung = arguments[1];
    long wanted = atol(arguments[2]);
    char *program = count > 3 ? arguments[3] : NULL;
    if (count > 4) {
        have((size_t)atol(arguments[4]));
    }
    lab_begin();
    for (long i = 0; i < wanted; i++) {
        if (strcmp(rung, "threads") == 0) {
            thread(nothing);
        } else if (strcmp(rung, "guarded") == 0) {
            thread(nothing_guarded);
        } else if (program != NULL && strcmp(rung, "fork") == 0) {
            by_fork(program);
        } else if (program != NULL && strcmp(rung, "spawn") == 0) {
            by_spawn(program);
        } else {
            return 2;
        }
    }
    lab_end("all came and went");
    return 0;
}
