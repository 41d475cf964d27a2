/* A generated model as the runtime, or your own firmware, sees it; the same for all models. */
#ifndef FW_TYPES_H
#define FW_TYPES_H

#include <stdint.h>

typedef enum {
  FW_FLOAT32,
  FW_INT8,
  FW_UINT8,
  FW_INT16,
  FW_INT32,
  FW_INT64,
  FW_BOOL,
  FW_UINT32,
  FW_UINT64,
} fw_type;

/* One input or output of the model, in the arena; data is 0 for an input that is fed. real = scale
 * * (value - zero_point). */
typedef struct {
  void* data;
  uint32_t bytes;
  fw_type type;
  float scale;
  int32_t zero_point;
  const char* name; /* in the model */
} fw_tensor;

/* Where an op leaves its output; valid from the end of the op to the start of the next. Of several
 * outputs bytes is FW_SEVERAL and their number, and data has an fw_op for each. */
typedef struct {
  const void* data;
  uint32_t bytes;
} fw_op;

#define FW_SEVERAL UINT32_C(0x80000000)

/* With an op that a trace function tells of: it may come again in this inference. */
#define FW_AGAIN UINT32_C(0x80000000)

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
  const int8_t** rows; /* of a model that is fed: all rows, for its invoke and trace functions */
  const int32_t* endless_op; /* of a model with loops: where the latest inference left one, or -1 */
} fw_model_info;

#endif
