/*
 * Where the session daemon of this user has its sockets. Root: /var/run/lttng.
 * Others: $LTTNG_HOME or $HOME, or, where that cannot be written, a private
 * folder, the same for all recordings of the user.
 */
#ifndef GILTRACE_HOME_H
#define GILTRACE_HOME_H

#include <stdbool.h>

#include "base/error.h"

struct home {
	char *lttng_home; /* what LTTNG_HOME has to be; NULL for root, whom it does not concern */
	char *run;	  /* the folder of the sockets, existing */
};

/* Finds the folders, creates what is missing and sets LTTNG_HOME for this process. */
int home_init(struct home *home, struct error *error);

/* Whether `folder` can be LTTNG_HOME; NULL cannot. */
bool home_is_usable(const char *folder);

void home_release(struct home *home);

#endif /* GILTRACE_HOME_H */
