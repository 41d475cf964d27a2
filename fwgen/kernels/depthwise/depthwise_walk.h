/* What depthwise convolutions by planes are told, on cores without vectors: four channels at a time
 * are brought from the image into planes, which have the same distances for the strips of any
 * image, and each channel is convolved from its plane.
 */
#ifndef FW_DEPTHWISE_WALK_H
#define FW_DEPTHWISE_WALK_H

#include <stdint.h>

/* Lines of the planes. */
#define FW_PLANE_LINES 15

/* How outputs of a strip are gone through, four at a time along each line. What the members
 * call words is what a load takes from a plane: see there. What is left of a line are up to two
 * pairs for windows up to 3 x 3, and for others as much of a four as there is. */
typedef struct {
  int32_t step;        /* bytes from an output to the next along the line */
  int32_t last_step;   /* the same in a last pair; 0 if it has one output only */
  int32_t fours_bytes; /* from the first word of a line to where those of whole fours end */
  int32_t end_bytes;   /* and to where the line ends */
  int32_t lines;       /* of outputs */
  int32_t input_back;  /* bytes from the end of a line back to the first word of the next */
  int32_t output_on;   /* bytes on from the end of a line of outputs to the next line */
  int32_t line_bytes;  /* from the first word of a line to that of the next */
  /* of windows that are not of 3 x 3: */
  int32_t window_lines;
  int32_t third;      /* bytes from the word of the first output of a four to that of the third */
  int32_t second;     /* and to that of the second */
  int32_t turns;      /* words of the line of a window; side by side, half of them */
  int32_t next;       /* bytes from the last of them back to the first of the next line */
  int32_t four_bytes; /* from the first word of a four to that of the next */
  int32_t places[3];  /* bytes from the first output of a four to the others */
  int32_t last_places[3]; /* the same of the last ones; not beyond the last output of a line */
} fw_depthwise_walk;

/* A kernel for the outputs of a channel of a strip: its plane, where the first output goes, and its
 * record. */
typedef void fw_depthwise_plane(const void* plane, int8_t* output, const int32_t* record,
                                const fw_depthwise_walk* walk);

typedef struct {
  int32_t batches, channels; /* of the input */
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t multiplier; /* outputs of a channel */
  int32_t stride_h, stride_w;
  int32_t strip_h, strip_w;   /* outputs from one filling of the planes */
  int32_t inputs_h, inputs_w; /* of their windows */
  int32_t upright;            /* 1: outputs are computed along columns, else along rows */
  int32_t backwards;          /* 1: from the last strip to the first */
  int32_t record_words;
  fw_depthwise_walk walk;
} fw_depthwise_planes_params;

#endif
