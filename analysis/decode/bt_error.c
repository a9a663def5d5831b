/* What babeltrace2 says about a failure, for people; see bt_error.h. */
#include "decode/bt_error.h"

#include <babeltrace2/babeltrace.h>
#include <glib.h>
#include <string.h>

/* Causes end in ": some-addr=0x…, state=…", which helps nobody here, or in a full stop. */
static void cut_details(char *text)
{
	char *detail = strstr(text, "-addr=");
	char *end = text;

	if (g_str_has_suffix(text, "."))
		text[strlen(text) - 1] = '\0';
	if (!detail)
		return;
	for (char *colon = strstr(text, ": "); colon && colon < detail;
		colon = strstr(colon + 1, ": "))
		end = colon;
	if (end != text)
		*end = '\0';
}

char *bt_error_take_reason(void)
{
	const bt_error *error = bt_current_thread_take_error();
	char *reason = NULL;

	if (!error)
		return NULL;
	if (bt_error_get_cause_count(error) > 0) {
		reason = g_strdup(
			bt_error_cause_get_message(bt_error_borrow_cause_by_index(error, 0)));
		cut_details(reason);
	}
	bt_error_release(error);
	return reason ? reason : g_strdup("babeltrace2 does not say why");
}
