/* What went wrong and what to do next; see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->what, sizeof(error->what), format, args);
	va_end(args);
	error->next[0] = '\0';
	return code;
}

void error_next(struct error *error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error->next, sizeof(error->next), format, args);
	va_end(args);
}

void error_print(const struct error *error)
{
	fprintf(stderr, "giltrace: %s\n", error->what);
	if (error->next[0])
		fprintf(stderr, "  %s\n", error->next);
}
