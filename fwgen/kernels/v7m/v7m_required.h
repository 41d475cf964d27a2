/* A sentence of the compiler's instead of errors of the assembler, where a kernel with instructions
 * of Armv7-M is compiled for a core without them, such as a Cortex-M0.
 */
#ifndef FW_V7M_REQUIRED_H
#define FW_V7M_REQUIRED_H

#if !defined(__ARM_ARCH) || __ARM_ARCH < 7 || !defined(__thumb2__)
#error "This kernel needs Armv7-M (-mcpu=cortex-m3); for other cores, build again"
#endif

#endif
