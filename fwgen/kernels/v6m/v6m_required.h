/* A sentence of the compiler's instead of errors of the assembler, where a kernel with instructions
 * of Armv6-M is compiled for another machine.
 */
#ifndef FW_V6M_REQUIRED_H
#define FW_V6M_REQUIRED_H

#if !defined(__ARM_ARCH) || __ARM_ARCH < 6 || !defined(__thumb__)
#error "This kernel needs Armv6-M (-mcpu=cortex-m0plus -mthumb); for other cores, build again"
#endif

#endif
