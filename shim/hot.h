/*
 * What every GIL operation runs through, and the data that it looks at, each in as
 * few pages as possible. Where a system call empties the TLB, as with page-table
 * isolation on a processor without PCIDs, each page is looked up again after it:
 * that can cost more than all instructions in it.
 */
#ifndef GILTRACE_HOT_H
#define GILTRACE_HOT_H

#define HOT_CODE __attribute__((hot))
#define COLD_CODE __attribute__((cold, noinline))
#define HOT_DATA __attribute__((section(".data.hot")))

#endif /* GILTRACE_HOT_H */
