"""Parts of operators: what several operators share."""
