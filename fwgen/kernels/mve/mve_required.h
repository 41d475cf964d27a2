/* A sentence of the compiler's instead of errors of the assembler, where a kernel with M-profile
 * vector instructions (MVE) is compiled for a core without them.
 */
#ifndef FW_MVE_REQUIRED_H
#define FW_MVE_REQUIRED_H

#if !defined(__ARM_FEATURE_MVE) || !(__ARM_FEATURE_MVE & 1)
#error "This kernel needs MVE (-mcpu=cortex-m55 -mfloat-abi=hard); for other cores, build again"
#endif

#endif
