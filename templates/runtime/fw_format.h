/* Numbers as text, without printf, floating-point arithmetic or a buffer. */
#ifndef FW_FORMAT_H
#define FW_FORMAT_H

#include <stdint.h>

void fw_put_decimal(uint64_t value);
void fw_put_signed(int32_t value);

/* text, then value in decimal. */
void fw_put_number(const char* text, uint64_t value);

/* The lowest `digits` (1 to 8) hex digits of value, lower case. */
void fw_put_hex(uint32_t value, uint32_t digits);

/* Each byte as two lower-case hex digits. */
void fw_put_bytes(const uint8_t* data, uint32_t bytes);

/* As printf's "%.3f": rounded half to even; "inf", "-inf", "nan". */
void fw_put_float(float value);

/* value / divisor, and *remainder; divisor 1 to 65535. */
uint64_t fw_divide(uint64_t value, uint32_t divisor, uint32_t* remainder);

#endif
