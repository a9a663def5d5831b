/* The files of assets/, which embed.cmake makes part of the program. */
#ifndef GILTRACE_PAGE_ASSETS_H
#define GILTRACE_PAGE_ASSETS_H

#include <stddef.h>

extern const char asset_style[];
extern const char asset_body[];
extern const char asset_script[];

#endif /* GILTRACE_PAGE_ASSETS_H */
