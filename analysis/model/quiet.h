/* A sink that wants to know nothing: to be copied, for who wants to know little. */
#ifndef GILTRACE_MODEL_QUIET_H
#define GILTRACE_MODEL_QUIET_H

#include "model/model.h"

extern const struct model_sink model_quiet_sink;

#endif /* GILTRACE_MODEL_QUIET_H */
