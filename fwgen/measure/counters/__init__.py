"""What executing an image costs: recorded by a QEMU plugin of ours, estimated by a pipeline model.

``recorder`` (with ``recorder.c``) and ``record`` say what was executed, ``disassembly``
which instructions those are, ``pipeline_model`` (with ``core_models`` and ``llvm``) how long a core
takes for them, and ``analysis`` sums both up. docs/counters.md has the assumptions in one place.
"""
