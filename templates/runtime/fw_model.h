/* The generated model as the runtime, or your own firmware, sees it. */
#ifndef FW_MODEL_H
#define FW_MODEL_H

#include <stdint.h>

typedef enum {
  FW_FLOAT32,
  FW_INT8,
  FW_UINT8,
  FW_INT16,
  FW_INT32,
  FW_INT64,
  FW_BOOL,
} fw_type;

/* One input or output of the model, in the arena; data is 0 for an input that is fed. real = scale
 * * (value - zero_point). */
typedef struct {
  void* data;
  uint32_t bytes;
  fw_type type;
  float scale;
  int32_t zero_point;
} fw_tensor;

/* Where an op leaves its first output; valid from the end of the op to the start of the next. */
typedef struct {
  const void* data;
  uint32_t bytes;
} fw_op;

typedef struct {
  const char* name;
  const char* board;
  uint32_t arena_bytes;
  uint32_t input_bytes;  /* of all inputs */
  uint32_t output_bytes; /* of all outputs */
  uint32_t inputs, outputs, ops;
  const fw_tensor* input;
  const fw_tensor* output;
  const fw_op* op;
  const int8_t** rows; /* of a model that is fed: all rows, for fw_model_invoke and _trace */
} fw_model_info;

extern const fw_model_info fw_model;

/* 16 hex digits that name this image. */
extern const char fw_build_id[];

/* The op being run, for the fault handler; -1 outside fw_model_invoke. */
extern volatile int32_t fw_current_op;

/* One inference: reads the inputs in the arena, leaves the outputs there. Inputs may be
 * overwritten. */
void fw_model_invoke(void);

/* Of a model that is fed: takes the next rows of its input image, and computes what they make
 * possible. Returns 1 when the last row was among them: the outputs are there, and the next row is
 * the first of another image. 0 before. Rows after the last one are not taken. */
int fw_model_feed_rows(const int8_t* rows, uint32_t count);

/* The same, calling after(op) when each op is done; stops early when it returns 0. */
void fw_model_trace(int (*after)(uint32_t op));

#endif
