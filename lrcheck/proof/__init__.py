"""Proof by training: what every mistake costs, measured on its pair of programs.

A pair is run (`runs`), what its programs print is read (`metrics`), judged (`claims`) and kept (`evidence`). Tables, pages
and the documentation are made from the evidence alone. Nothing here imports torch: programs run in processes of their own.
"""
