"""What families for M-profile vector instructions share: headers, and the clamp of outputs."""
