/* UTF-8 text that must fit somewhere; see utf8.h. */
#include "utf8.h"

#include <string.h>

void utf8_copy(char *to, size_t size, const char *text)
{
	size_t length = strnlen(text, size);

	if (length == size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(to, text, length);
	to[length] = '\0';
}
