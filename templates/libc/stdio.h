/* What Arm's NPU driver names in messages that are left out; there is no libc. */
#ifndef FW_STDIO_H
#define FW_STDIO_H

typedef struct fw_file FILE;
extern FILE *const stdout, *const stderr;

int fprintf(FILE* file, const char* format, ...);

#endif
