/* A QEMU plugin that records what a bare-metal program executes between two places.
 *
 *   -plugin recorder.so,out=FILE,start=HEX[,stop=HEX][,marks=HEX:HEX...][,stores=HEX:HEX...]
 *       [,cache=WHAT:LINE:WAYS:SETS:HEX:HEX[:HEX:HEX...]...]
 *
 * The window opens before the instruction at `start` executes. It closes before the instruction at
 * `stop`; without `stop` it closes where the block that led to `start` ends, which is where a call
 * returns to; else when QEMU exits. A mark divides the window into segments: before the instruction
 * at one of `marks`, or after a store to one of `stores`. Only the first window is recorded. The
 * record is text, one item a line, complete once it ends with `end`:
 *
 *   block ID ADDRESS INSTRUCTIONS
 *       a translation block, when it first occurs
 *   segment BLOCK INDEX BLOCK INDEX ADDRESS
 *       a segment that begins before an instruction of a block and ends before one of another;
 *       -1 -1 if it ended with a whole block; ADDRESS is that of the mark
 *   edge FROM TO COUNT
 *       of the segment: how often block TO was entered from block FROM. What it executed of its
 *       first block is not among them; what it did not of its last is
 *   page ADDRESS LOADED STORED
 *       of the segment: bytes of data accesses to 4 KiB of memory
 *   refill CACHE RANGE COUNT
 *       of the segment: lines that a simulated cache had to bring from one of its ranges
 *   end return|stop|exit
 *       what closed the window
 *
 * A `cache` holds code (WHAT 1), data (2) or both (3) of ranges from one address to before another:
 * SETS of WAYS lines of LINE bytes, LINE and SETS powers of two. It is empty when the window opens.
 * Of a set, the line that was used longest ago makes room; stores bring lines as loads do.
 *
 * Addresses are hexadecimal, other numbers decimal. One core is recorded, the first.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLUGIN_API
#define PLUGIN_API 1
#endif

/* QEMU's plugin interface, written from its documentation; what is used here is the same in
 * versions 1 to 4. */
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CALLBACK_WITHOUT_REGISTERS = 0, LOADS_AND_STORES = 3 };
typedef void on_translation(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void on_execution(unsigned core, void* data);
typedef void on_access(unsigned core, qemu_plugin_meminfo_t, uint64_t address, void* data);
typedef void on_exit_of_qemu(qemu_plugin_id_t, void* data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, on_translation*);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb*, on_execution*, int flags,
                                          void* data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, on_execution*, int flags,
                                            void* data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn*, on_access*, int flags, int which,
                                      void* data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, on_exit_of_qemu*, void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn*);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
#define EXPORTED __attribute__((visibility("default")))
EXPORTED extern int qemu_plugin_version;
EXPORTED int qemu_plugin_install(qemu_plugin_id_t, const struct qemu_info_t*, int, char**);

EXPORTED int qemu_plugin_version = PLUGIN_API;

typedef struct block block;

/* An instruction of a block. */
typedef struct {
  block* block;
  unsigned index;
  uint32_t address;
} spot;

typedef struct edge {
  block* to;
  uint64_t count; /* in this segment */
  struct edge* next;
} edge;

struct block {
  uint32_t address, bytes;
  unsigned instructions;
  int id;      /* -1 before it first occurs in the window */
  edge* edges; /* the one taken last comes first */
  spot* spots;
  block* next; /* in its bucket */
};

typedef struct {
  uint32_t address[64];
  unsigned count;
} places;

enum { CODE = 1, DATA = 2, MOST_CACHES = 16, MOST_RANGES = 8 };

typedef struct {
  uint32_t from, to;
  uint64_t refills; /* in this segment */
} range;

typedef struct {
  unsigned what, ways, count;
  uint32_t line_bytes, sets;
  range ranges[MOST_RANGES];
  uint32_t* lines; /* by set, what was used last first: the number of the line and 1, or 0 */
} cache;

enum { BUCKETS = 1 << 14, PAGES = 1 << 20, PAGE_SHIFT = 12 };
enum { WAITING, RECORDING, DONE };

static block* buckets[BUCKETS];
static struct {
  uint64_t loaded, stored;
}* pages;
static uint32_t* touched; /* pages with accesses in this segment */
static size_t touched_count;

static places start, stop, marks, stores;
static cache caches[MOST_CACHES];
static unsigned cache_count;
static FILE* record;
static int state = WAITING;
static int blocks_recorded;
static block *current, *before; /* the block being executed, and the one before it */
static spot segment_begin;
static uint32_t return_address;
static bool returns;

static bool holds(const places* set, uint32_t address) {
  for (unsigned i = 0; i < set->count; i++)
    if (set->address[i] == address) return true;
  return false;
}

static int identify(block* b) {
  if (b->id < 0) {
    b->id = blocks_recorded++;
    fprintf(record, "block %d %" PRIx32 " %u\n", b->id, b->address, b->instructions);
  }
  return b->id;
}

static void write_edges(void) {
  for (size_t i = 0; i < BUCKETS; i++)
    for (block* b = buckets[i]; b; b = b->next)
      for (edge* e = b->edges; e; e = e->next)
        if (e->count) {
          fprintf(record, "edge %d %d %" PRIu64 "\n", b->id, e->to->id, e->count);
          e->count = 0;
        }
}

static void write_pages(void) {
  for (size_t i = 0; i < touched_count; i++) {
    const uint32_t page = touched[i];
    fprintf(record, "page %" PRIx32 " %" PRIu64 " %" PRIu64 "\n", page << PAGE_SHIFT,
            pages[page].loaded, pages[page].stored);
    pages[page].loaded = pages[page].stored = 0;
  }
  touched_count = 0;
}

static void write_refills(void) {
  for (unsigned c = 0; c < cache_count; c++)
    for (unsigned r = 0; r < caches[c].count; r++) {
      range* of = &caches[c].ranges[r];
      if (of->refills) fprintf(record, "refill %u %u %" PRIu64 "\n", c, r, of->refills);
      of->refills = 0;
    }
}

/* Whether a line was there; it is now. */
static bool bring(cache* c, uint32_t line) {
  uint32_t* const set = c->lines + (size_t)(line & (c->sets - 1)) * c->ways;
  unsigned at = 0;
  while (at < c->ways - 1 && set[at] != line + 1) at++;
  const bool there = set[at] == line + 1;
  memmove(set + 1, set, at * sizeof *set);
  set[0] = line + 1;
  return there;
}

static void fetch(unsigned what, uint32_t address, uint32_t bytes) {
  for (cache* c = caches; c < caches + cache_count; c++) {
    if (!(c->what & what)) continue;
    for (range* r = c->ranges; r < c->ranges + c->count; r++) {
      if (address < r->from || address >= r->to) continue;
      const uint32_t last = (address + bytes - 1) / c->line_bytes;
      for (uint32_t line = address / c->line_bytes; line <= last; line++)
        r->refills += !bring(c, line);
    }
  }
}

/* `cut` is where the segment ended, NULL if between two blocks. */
static void end_segment(const spot* cut, uint32_t address) {
  const int begin = identify(segment_begin.block);
  const int end = cut ? identify(cut->block) : -1;
  fprintf(record, "segment %d %u %d %d %" PRIx32 "\n", begin, segment_begin.index, end,
          cut ? (int)cut->index : -1, address);
  write_edges();
  write_pages();
  write_refills();
}

static void close_window(const spot* cut, uint32_t address, const char* cause) {
  end_segment(cut, address);
  fprintf(record, "end %s\n", cause);
  fclose(record);
  state = DONE;
}

static void count_edge(block* from, block* to) {
  edge *e = from->edges, *previous = NULL;
  while (e && e->to != to) {
    previous = e;
    e = e->next;
  }
  if (!e) {
    e = calloc(1, sizeof *e);
    if (!e) abort();
    e->to = to;
    identify(to);
  } else if (previous) {
    previous->next = e->next;
  }
  if (e != from->edges) {
    e->next = from->edges;
    from->edges = e;
  }
  e->count++;
}

static void on_block(unsigned core, void* data) {
  if (core != 0 || state == DONE) return;
  before = current;
  current = data;
  if (state != RECORDING) return;
  if (returns && current->address == return_address) {
    close_window(NULL, return_address, "return");
  } else {
    count_edge(before, current);
    fetch(CODE, current->address, current->bytes);
  }
}

static void divide(const spot* at, uint32_t address) {
  end_segment(at, address);
  segment_begin = *at;
}

/* An instruction at `start`, `stop` or one of `marks`. */
static void on_place(unsigned core, void* data) {
  const spot* at = data;
  if (core != 0) return;
  if (state == WAITING && holds(&start, at->address)) {
    state = RECORDING;
    segment_begin = *at;
    identify(at->block);
    fetch(CODE, at->address, at->block->address + at->block->bytes - at->address);
    fflush(record); /* tells that the window has opened */
    returns = !stop.count && at->index == 0 && before;
    return_address = returns ? before->address + before->bytes : 0;
  } else if (state == RECORDING && holds(&stop, at->address)) {
    close_window(at, at->address, "stop");
  } else if (state == RECORDING && holds(&marks, at->address)) {
    divide(at, at->address);
  }
}

static void on_data(unsigned core, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
  if (core != 0 || state != RECORDING) return;
  const uint32_t page = (uint32_t)address >> PAGE_SHIFT;
  const uint64_t bytes = UINT64_C(1) << qemu_plugin_mem_size_shift(info);
  fetch(DATA, (uint32_t)address, (uint32_t)bytes);
  if (!(pages[page].loaded | pages[page].stored)) touched[touched_count++] = page;
  if (!qemu_plugin_mem_is_store(info)) {
    pages[page].loaded += bytes;
    return;
  }
  pages[page].stored += bytes;
  if (holds(&stores, (uint32_t)address)) {
    spot after = *(const spot*)data;
    after.index++;
    divide(&after, (uint32_t)address);
  }
}

/* The block with these instructions; QEMU may translate it again and again. */
static block* find_block(const struct qemu_plugin_tb* tb) {
  const uint32_t address = (uint32_t)qemu_plugin_tb_vaddr(tb);
  const unsigned instructions = (unsigned)qemu_plugin_tb_n_insns(tb);
  uint32_t bytes = 0;
  for (unsigned i = 0; i < instructions; i++)
    bytes += (uint32_t)qemu_plugin_insn_size(qemu_plugin_tb_get_insn(tb, i));
  block** bucket = &buckets[(address >> 1) % BUCKETS];
  for (block* b = *bucket; b; b = b->next)
    if (b->address == address && b->instructions == instructions && b->bytes == bytes) return b;
  block* b = calloc(1, sizeof *b);
  spot* spots = calloc(instructions, sizeof *spots);
  if (!b || !spots) abort();
  *b = (block){.address = address, .bytes = bytes, .instructions = instructions, .id = -1};
  for (unsigned i = 0; i < instructions; i++)
    spots[i] = (spot){b, i, (uint32_t)qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, i))};
  b->spots = spots;
  b->next = *bucket;
  return *bucket = b;
}

static void instrument(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  if (state == DONE) return;
  block* b = find_block(tb);
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, CALLBACK_WITHOUT_REGISTERS, b);
  for (unsigned i = 0; i < b->instructions; i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(tb, i);
    spot* at = &b->spots[i];
    if (holds(&start, at->address) || holds(&stop, at->address) || holds(&marks, at->address))
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_place, CALLBACK_WITHOUT_REGISTERS, at);
    qemu_plugin_register_vcpu_mem_cb(instruction, on_data, CALLBACK_WITHOUT_REGISTERS,
                                     LOADS_AND_STORES, at);
  }
}

static void on_end(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  if (state == RECORDING) close_window(NULL, 0, "exit");
}

static bool read_places(places* set, const char* text) {
  while (set->count < sizeof set->address / sizeof *set->address) {
    char* rest;
    set->address[set->count++] = (uint32_t)strtoul(text, &rest, 16);
    if (*rest == '\0') return rest != text;
    if (*rest != ':') return false;
    text = rest + 1;
  }
  return false;
}

static bool read_cache(const char* text) {
  if (cache_count == MOST_CACHES) return false;
  cache* const c = &caches[cache_count++];
  int used = 0;
  if (sscanf(text, "%u:%" SCNu32 ":%u:%" SCNu32 "%n", &c->what, &c->line_bytes, &c->ways, &c->sets,
             &used) < 4)
    return false;
  for (text += used; *text; text += used) {
    range* const r = &c->ranges[c->count];
    if (c->count++ == MOST_RANGES) return false;
    if (sscanf(text, ":%" SCNx32 ":%" SCNx32 "%n", &r->from, &r->to, &used) < 2) return false;
  }
  c->lines = calloc((size_t)c->sets * c->ways, sizeof *c->lines);
  return c->line_bytes && c->ways && c->sets && c->lines;
}

static bool read_argument(const char* argument) {
  static const struct {
    const char* name;
    places* set;
  } options[] = {{"start=", &start}, {"stop=", &stop}, {"marks=", &marks}, {"stores=", &stores}};
  if (strncmp(argument, "cache=", 6) == 0) return read_cache(argument + 6);
  if (strncmp(argument, "out=", 4) == 0) return (record = fopen(argument + 4, "w")) != NULL;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    const size_t length = strlen(options[i].name);
    if (strncmp(argument, options[i].name, length) == 0)
      return read_places(options[i].set, argument + length);
  }
  return false;
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc,
                                 char** argv) {
  (void)info;
  for (int i = 0; i < argc; i++)
    if (!read_argument(argv[i])) {
      fprintf(stderr, "recorder: cannot use %s\n", argv[i]);
      return 1;
    }
  pages = calloc(PAGES, sizeof *pages);
  touched = calloc(PAGES, sizeof *touched);
  if (!record || !start.count || !pages || !touched) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, instrument);
  qemu_plugin_register_atexit_cb(id, on_end, NULL);
  return 0;
}
