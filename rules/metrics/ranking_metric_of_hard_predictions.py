"""The area under the curve of hard predictions.

`roc_auc_score` and `average_precision_score` rank samples by their scores. Predicted classes have only two ranks: the curve
becomes one corner and the area the mean of sensitivity and specificity, usually far below the area of the scores.

Example:

    from sklearn.metrics import roc_auc_score
    scores = nn.Linear(20, 2)(torch.randn(64, 20))
    labels = torch.randint(0, 2, (64,))
    print("AUC", roc_auc_score(labels, scores.argmax(dim=1)))  # error

Use instead:

    from sklearn.metrics import roc_auc_score
    scores = nn.Linear(20, 2)(torch.randn(64, 20))
    labels = torch.randint(0, 2, (64,))
    print("AUC", roc_auc_score(labels, scores[:, 1]))

Not reported: a metric of classes.

    from sklearn.metrics import f1_score
    scores = nn.Linear(20, 2)(torch.randn(64, 20))
    labels = torch.randint(0, 2, (64,))
    print("F1", f1_score(labels, scores.argmax(dim=1)))

Not reported: predictions that are not known to be classes.

    from sklearn.metrics import roc_auc_score
    print("AUC", roc_auc_score(labels, predictions))

At run time: an area near the mean of sensitivity and specificity.
"""

from collections.abc import Iterator

from lrcheck.events import ScoreCall
from lrcheck.facts import Form
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

_RANKING = ("roc_auc_score", "average_precision_score")


@rule("LR223", Level.WARNING)
def check(call: ScoreCall) -> Iterator[Finding]:
    given = call.predictions
    if call.name not in _RANKING or given is None or given.form not in (Form.CLASS_INDEX, Form.THRESHOLDED):
        return
    if given.made_by is None or "model" not in given.roots:
        return
    yield Finding(
        title=f"`{call.name}` ranks hard predictions",
        at=Label(call.predictions_site or call.site, "two ranks only"),
        because=(Label(given.made_by.site, "the scores end here"),),
        note="the area becomes the mean of sensitivity and specificity",
        help="pass the scores: `scores[:, 1]` or `torch.sigmoid(logits)`",
    )
