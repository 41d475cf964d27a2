"""The schedule of a graph: orders of its ops, lifetimes of its tensors, and overlaps of its
outputs with inputs."""
