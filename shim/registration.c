/* LTTng-UST registers when it has been loaded; see registration.h. */
#include "registration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "recording.h"
#include "symbols.h"

struct start {
	void *(*function)(void *);
	void *argument;
};

__thread bool registration_deferred __attribute__((tls_model("initial-exec")));

static sem_t gate;	  /* at which those threads wait */
static unsigned waiting;  /* that many */
static sem_t *registered; /* what LTTng-UST waits for, NULL: nothing */
static struct timespec until;

/* The thread's name in the kernel, which LTTng-UST takes for the process's. */
static char name[16];

static void take_name(void)
{
	char other[sizeof(name)];

	if (prctl(PR_GET_NAME, name) != 0)
		return;
	snprintf(other, sizeof(other), "%.10s-%04x", name,
		(unsigned)(recording_now() / 1000000) & 0xFFFF);
	prctl(PR_SET_NAME, other);
}

static void give_name_back(void)
{
	if (name[0])
		prctl(PR_SET_NAME, name);
}

void registration_defer(void)
{
	const char *timeout = getenv("LTTNG_UST_REGISTER_TIMEOUT");

	take_name();
	/* Negative: for ever, and that by another function. */
	if ((timeout && atol(timeout) < 0) || sem_init(&gate, 0, 0) != 0)
		return;
	waiting = 0;
	registered = NULL;
	registration_deferred = true;
}

void registration_wait(void)
{
	give_name_back();
	if (!registration_deferred)
		return;
	registration_deferred = false;
	for (unsigned i = 0; i < waiting; i++)
		sem_post(&gate);
	while (registered && symbols.semaphore_timedwait(registered, &until) != 0 && errno == EINTR)
		continue;
}

static void *thread_main(void *argument)
{
	struct start start = *(struct start *)argument;

	free(argument);
	while (sem_wait(&gate) != 0)
		continue;
	return start.function(start.argument);
}

int registration_create(
	pthread_t *id, const pthread_attr_t *attributes, void *(*function)(void *), void *argument)
{
	struct start *start = malloc(sizeof(*start));
	int result;

	if (!start)
		return ENOMEM;
	*start = (struct start){.function = function, .argument = argument};
	result = symbols.create(id, attributes, thread_main, start);
	if (result == 0)
		waiting++;
	else
		free(start);
	return result;
}

int registration_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
	registered = semaphore;
	until = *deadline;
	return 0;
}
