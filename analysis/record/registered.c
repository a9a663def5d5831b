/* Which processes have told the session daemon of giltrace's events; see registered.h. */
#include "record/registered.h"

#include <errno.h>
#include <lttng/lttng.h>
#include <stdlib.h>

#include "record/pids.h"

#define EVENT_PREFIX "giltrace:"

int registered_list(GArray **pids, struct error *error)
{
	struct lttng_domain domain = {.type = LTTNG_DOMAIN_UST};
	struct lttng_handle *handle = lttng_create_handle(NULL, &domain);
	struct lttng_event *events = NULL;
	int count;

	if (!handle)
		return error_set(error, -ENOMEM, "cannot reach the session daemon");
	count = lttng_list_tracepoints(handle, &events);
	lttng_destroy_handle(handle);
	if (count < 0)
		return error_set(error, -EIO, "cannot list the traced processes: LTTng: %s",
			lttng_strerror(count));
	*pids = pids_new();
	for (int i = 0; i < count; i++)
		if (g_str_has_prefix(events[i].name, EVENT_PREFIX))
			pids_add(*pids, events[i].pid);
	free(events);
	return 0;
}
