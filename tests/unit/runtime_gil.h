/* Memory laid out as CPython's GIL, for what the shim does on it. */
#ifndef GILTRACE_TESTS_UNIT_RUNTIME_GIL_H
#define GILTRACE_TESTS_UNIT_RUNTIME_GIL_H

#include <pthread.h>
#include <stdint.h>

#include "gils.h"

/* Generations of two recordings, the second after a stop. */
enum { RECORDING = 3, LATER_RECORDING = 5 };

/* The parts of _gil_runtime_state that the shim reads, around its cond. */
struct runtime_gil {
	unsigned long interval;
	void *last_holder;
	int locked;
	unsigned long switch_number;
	pthread_cond_t cond;
	pthread_mutex_t mutex;
	pthread_cond_t switch_cond;
	pthread_mutex_t switch_mutex;
};

/* Makes `gil`, zeroed like `runtime`, the shim's side of it while it is recorded. */
static inline void runtime_gil_begin(struct runtime_gil *runtime, struct gil *gil)
{
	runtime->interval = 5000;
	gil->cond = (uintptr_t)&runtime->cond;
	gil->generation = RECORDING;
	gil->interval_us = 5000;
}

#endif /* GILTRACE_TESTS_UNIT_RUNTIME_GIL_H */
