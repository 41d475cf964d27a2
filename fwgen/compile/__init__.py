"""Graph -> Program: the stages of the compiler, in the order of the folders passes to lower."""
