"""The rules that a live run can feed: those whose events the runtime observer makes with all their facts.

The others ask for what only source code tells (an expression that is never executed, a name, a fixed path).
"""

from __future__ import annotations

OBSERVED = frozenset(
    {
        *(
            f"LR{code}"
            for code in (101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 115, 116, 117, 118)
        ),
        *(f"LR{code}" for code in (119, 120, 121, 122, 127)),
        *(f"LR{code}" for code in (201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 212, 213, 221, 222, 223, 224)),
        *(f"LR{code}" for code in (*range(301, 314), 318, 321, 322, 324, 325, 326, 328, 329)),
        *(
            f"LR{code}"
            for code in (405, 406, 407, 408, 410, 414, 422, 423, 426, 501, 503, 504, 505, 511, 514, 516, 522, 523, 524)
        ),
        *(f"LR{code}" for code in range(701, 717)),
    }
)
