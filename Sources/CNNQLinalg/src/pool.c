// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L
#include "nnq_linalg.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

/* Workers wait for a new round by looking at its number: a step of a small network lasts some ten
 * microseconds, less than it takes to wake a sleeper. Who waits long gives the processor away. */
enum { LOOKS = 4000 };

struct worker {
  nnq_pool *pool;
  size_t index;
  pthread_t thread;
};

struct nnq_pool {
  void (*work)(void *, size_t);
  void *context;
  uint64_t round;   /* written by the caller alone */
  size_t unfinished;
  int closed;
  size_t workers;
  pthread_mutex_t lock;
  pthread_cond_t started;
  struct worker members[];
};

static void pause_a_little(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

static uint64_t next_round(nnq_pool *pool, uint64_t seen) {
  for (int look = 0; look < LOOKS; look++) {
    const uint64_t round = __atomic_load_n(&pool->round, __ATOMIC_ACQUIRE);
    if (round != seen) return round;
    pause_a_little();
  }
  pthread_mutex_lock(&pool->lock);
  while (pool->round == seen) pthread_cond_wait(&pool->started, &pool->lock);
  const uint64_t round = pool->round;
  pthread_mutex_unlock(&pool->lock);
  return round;
}

static void *serve(void *argument) {
  const struct worker *const self = argument;
  nnq_pool *const pool = self->pool;
  uint64_t seen = 0;
  for (;;) {
    seen = next_round(pool, seen);
    if (pool->closed) return NULL;
    pool->work(pool->context, self->index);
    __atomic_sub_fetch(&pool->unfinished, 1, __ATOMIC_RELEASE);
  }
}

static void begin_round(nnq_pool *pool) {
  pthread_mutex_lock(&pool->lock);
  __atomic_store_n(&pool->round, pool->round + 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&pool->started);
  pthread_mutex_unlock(&pool->lock);
}

nnq_pool *nnq_pool_open(size_t workers) {
  if (workers < 1 || workers > 64) return NULL;
  nnq_pool *const pool = calloc(1, sizeof *pool + workers * sizeof(struct worker));
  if (!pool) return NULL;
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->started, NULL);
  pool->workers = 1;
  for (size_t i = 1; i < workers; i++) {
    struct worker *const member = &pool->members[i];
    member->pool = pool;
    member->index = i;
    if (pthread_create(&member->thread, NULL, serve, member) != 0) {
      nnq_pool_close(pool);
      return NULL;
    }
    pool->workers++;
  }
  return pool;
}

void nnq_pool_run(nnq_pool *pool, void (*work)(void *context, size_t worker), void *context) {
  if (pool->workers > 1) {
    pool->work = work;
    pool->context = context;
    __atomic_store_n(&pool->unfinished, pool->workers - 1, __ATOMIC_RELAXED);
    begin_round(pool);
  }
  work(context, 0);
  int looks = 0;
  while (pool->workers > 1 && __atomic_load_n(&pool->unfinished, __ATOMIC_ACQUIRE) > 0) {
    if (++looks < LOOKS) {
      pause_a_little();
    } else {
      sched_yield();
    }
  }
}

void nnq_pool_close(nnq_pool *pool) {
  if (!pool) return;
  pool->closed = 1;
  begin_round(pool);
  for (size_t i = 1; i < pool->workers; i++) pthread_join(pool->members[i].thread, NULL);
  pthread_cond_destroy(&pool->started);
  pthread_mutex_destroy(&pool->lock);
  free(pool);
}
