/* What the stand-in has of a device. */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdint.h>

int device_reset(uint32_t access);
void device_run(const uint32_t* words, const uint64_t* base, int count);
int device_interrupt(void);

#endif
