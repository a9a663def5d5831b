/* Text that was put together goes out; see write_text.h. */
#include "render/write_text.h"

#include <errno.h>

int write_text(GString *text, FILE *out)
{
	int code = 0;

	errno = 0;
	if (fwrite(text->str, 1, text->len, out) < text->len || fflush(out) == EOF)
		code = errno ? -errno : -EIO;
	g_string_free(text, TRUE);
	return code;
}
