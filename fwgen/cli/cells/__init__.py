"""The cells of ``fwgen bench``: each is a model on a board with one set of options, built and
measured by the commands that a user would call."""
