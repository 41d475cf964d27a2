"""The schedule: the order of the ops, and the lifetimes of the tensors."""
