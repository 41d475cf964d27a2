/* A sentence of the compiler's where a core has no vector instructions for float32. */
#ifndef FW_MVE_FLOAT_REQUIRED_H
#define FW_MVE_FLOAT_REQUIRED_H

#if !defined(__ARM_FEATURE_MVE) || !(__ARM_FEATURE_MVE & 2)
#error "This kernel needs MVE with floating point (-mcpu=cortex-m55 -mfloat-abi=hard)"
#endif

#endif
