"""What the program reports: totals over a pass, quotients behind it, scores of other libraries."""
