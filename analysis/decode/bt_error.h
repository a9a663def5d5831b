/* What babeltrace2 says about a failure, for people. */
#ifndef GILTRACE_DECODE_BT_ERROR_H
#define GILTRACE_DECODE_BT_ERROR_H

/*
 * Takes the error of this thread, which must be done after every call that
 * failed, and returns its root cause without the addresses and states of
 * babeltrace2's inside. Freed with g_free(); NULL when there is no error.
 */
char *bt_error_take_reason(void);

#endif /* GILTRACE_DECODE_BT_ERROR_H */
