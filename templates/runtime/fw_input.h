/* The inputs of the next inferences, kept apart from the arena, which every inference overwrites.
 */
#ifndef FW_INPUT_H
#define FW_INPUT_H

#include <stdint.h>

/* db load N: makes room for N bytes, all zero: the inputs, or what the data set of a task of MLPerf
 * Tiny has for them, which becomes inputs when the last byte is there. */
void fw_input_expect(uint32_t bytes);

/* db HH...: appends the bytes that the digits spell. */
void fw_input_append(const char* digits);

/* db print */
void fw_input_print(void);

/* fw-load N: N raw bytes and their CRC-32 follow on the line. */
void fw_input_receive(uint32_t bytes);

/* fw-places: where the inputs are kept, to be written by other ways than the line. */
void fw_input_put_place(void);

/* The inputs as the next inference will read them, aligned for any type. */
void* fw_input_bytes(void);

/* Forgets the inputs, as another model takes others: all zero from now on. */
void fw_input_clear(void);

/* Copies the inputs to where the model reads them. */
void fw_input_place(void);

#endif
