"""Graph -> the kernel of each op: what could compute it, what serves the goal, and why."""
