/* A library that Python calls: through PyDLL its functions keep the GIL, through CDLL they let go.
 */
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

/* Two threads, one of which comes to want the GIL while the other one holds it. */
struct turn {
	long long ready; /* the one has let go of the GIL */
	long long go;	 /* the one may go on */
	long long gone;	 /* when it did (CLOCK_MONOTONIC, ns): its next step is to take the GIL */
	long long held;	 /* until when the other one has held on for sure */
};

EXPORTED unsigned library_compute(int ms);
EXPORTED void library_nothing(void);
EXPORTED void library_sleep(int ms);
EXPORTED void library_wait_for(struct turn *turn);
EXPORTED void library_wait_until_ready(struct turn *turn);
EXPORTED void library_hold_against(struct turn *turn, int ms);

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

unsigned library_compute(int ms)
{
	long long end = now() + ms * 1000000LL;
	unsigned sum = 0;

	do
		for (unsigned i = 0; i < 100000; i++)
			__asm__ volatile("" : "+r"(sum));
	while (now() < end);
	return sum;
}

void library_nothing(void)
{
}

void library_sleep(int ms)
{
	usleep((unsigned)ms * 1000);
}

void library_wait_for(struct turn *turn)
{
	__atomic_store_n(&turn->ready, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&turn->go, __ATOMIC_ACQUIRE))
		usleep(50);
	__atomic_store_n(&turn->gone, now(), __ATOMIC_RELEASE);
}

void library_wait_until_ready(struct turn *turn)
{
	while (!__atomic_load_n(&turn->ready, __ATOMIC_ACQUIRE))
		usleep(50);
}

void library_hold_against(struct turn *turn, int ms)
{
	__atomic_store_n(&turn->go, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&turn->gone, __ATOMIC_ACQUIRE))
		usleep(50);
	library_sleep(ms);
	turn->held = now();
}
