/* A sentence of the compiler's instead of errors of the assembler, where a kernel with instructions
 * of the DSP extension is compiled for a core without them.
 */
#ifndef FW_DSP_REQUIRED_H
#define FW_DSP_REQUIRED_H

#if !defined(__ARM_FEATURE_DSP) || !__ARM_FEATURE_DSP
#error "This kernel needs the DSP extension (-mcpu=cortex-m4); for other cores, build again"
#endif

#endif
