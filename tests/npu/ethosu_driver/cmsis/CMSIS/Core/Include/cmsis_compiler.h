/* Stand-in for CMSIS-Core: what Arm's NPU driver uses of it. */
#ifndef __CMSIS_COMPILER_H
#define __CMSIS_COMPILER_H

#ifdef __arm__
#define __WFE() __asm__ volatile("wfe")
#define __SEV() __asm__ volatile("sev")
#else
#define __WFE() ((void)0)
#define __SEV() ((void)0)
#endif

#endif
