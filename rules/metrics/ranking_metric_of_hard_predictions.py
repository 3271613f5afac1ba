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
from lrcheck.facts import Form, Operation
from lrcheck.findings import Finding, Fix, Label, Level, Safety, Site
from lrcheck.fixing import code, fix, operand, replace
from lrcheck.rule import rule

_RANKING = ("roc_auc_score", "average_precision_score")


@rule("LR223", Level.WARNING)
def check(call: ScoreCall) -> Iterator[Finding]:
    given = call.predictions
    if call.name not in _RANKING or given is None or given.form not in (Form.CLASS_INDEX, Form.THRESHOLDED):
        return
    if given.made_by is None or "model" not in given.roots:
        return
    at, ended = call.predictions_site or call.site, given.made_by.site
    yield Finding(
        title=f"`{call.name}` ranks hard predictions",
        at=Label(at, "two ranks only"),
        because=(Label(ended, "the scores end here"),) if ended.key() != at.key() else (),
        note="the area becomes the mean of sensitivity and specificity",
        help="pass the scores: `scores[:, 1]` or `torch.sigmoid(logits)`",
        fix=_scores(given.made_by, call.predictions_site),
    )


def _scores(made_by: Operation, given: Site | None) -> Fix | None:
    """The second column of two instead of `argmax`, where that stands in the call itself."""
    scores, argument = made_by.operand, made_by.argument
    if made_by.name != "argmax" or scores is None or scores.columns != 2 or made_by.dim not in (1, -1):
        return None
    if given is None or argument is None or not argument.text or made_by.site.text not in given.text:
        return None
    text = f"{operand(argument.text)}[:, 1]"
    return fix(f"pass the scores: {code(text)}", Safety.UNSAFE, replace(made_by.site, text))
