/* Typing errors; see similar.h. */
#include "base/similar.h"

#include <string.h>

/* Of longer names all letters are as good as none. */
#define LONGEST 128

/* Typing errors between two words. */
static int distance(const char *a, const char *b)
{
	int row[LONGEST + 1];
	int width = (int)strlen(b);

	for (int j = 0; j <= width; j++)
		row[j] = j;
	for (int i = 1; a[i - 1]; i++) {
		int diagonal = row[0];

		row[0] = i;
		for (int j = 1; j <= width; j++) {
			int best = diagonal + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[width];
}

bool similar_names(const char *typed, const char *name)
{
	if (typed[0] && strncmp(typed, name, strlen(typed)) == 0)
		return true;
	if (strlen(typed) > LONGEST || strlen(name) > LONGEST)
		return false;
	return 2 * distance(typed, name) < (int)strlen(name);
}
