/* The clamp of a fused activation on float. */
#ifndef FW_CLAMP_FLOAT_H
#define FW_CLAMP_FLOAT_H

/* bounds: the least and the greatest value. What is not a number stays. */
static inline float fw_clamp_float(float value, const float* bounds) {
  const float raised = value < bounds[0] ? bounds[0] : value;
  return bounds[1] < raised ? bounds[1] : raised;
}

#endif
