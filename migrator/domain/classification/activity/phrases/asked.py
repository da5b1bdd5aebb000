"""A maintainer asks the author for something, or says what is said to anybody."""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.phrases.pattern import Phrases

_DETAILS: Final = (
    "(?:provide|share|show|give|post|reformulate|rephrase|attach|upload|paste|specify|fill|create|"
    "add|include|supply|send|elaborate|clarify|describe|explain|confirm|do so|do that)"
)

ASKED: Final = Phrases(
    r"(?:could|can|would|will) you (?:\w+ "
    rf"){{0,2}}?(?:{_DETAILS}|try|check|test|tell|let|update|verify|run|"
    rf"upgrade|file|open|submit|help|take|use|be)",
    rf"(?:please|kindly|pls) (?:\w+ ){{0,2}}?(?:{_DETAILS}|confirm|tell|let us know|let me "
    r"know|verify|file|"
    rf"open a new|submit|update)",
    rf"(?:able|possible)(?: for you)? to (?:\w+ )?(?:{_DETAILS})",
    "want to (?:send|submit|open|make|contribute)",
    "happy to review",
    r"(?:have|did) you (?:\w+ )?(?:try|tried|get|got|check|checked|manage|test|tested|run)",
    r"are you (?:\w+ )?(?:able|using|still|running|getting|facing|sure|trying)",
    "do you (?:still|have|see|get|mean|want|use|know)",
    "(?:what|which) (?:version|is your|are you|is the|happens|issue|exactly|do you|tf|os)",
    r"is there (?:a|any) (?:\w+ )?(?:use ?case|reason|chance)",
    "why (?:not|do you|are you|did you|would you)",
    r"need (?:more|some more|additional|further) (?:info\w*|details?|context)",
    "(?:it )?would be (?:great|helpful|nice|good) if you",
    "in order to expedite",
    "not (?:been )?filled",
    "requests? you to",
    r"need (?:a|the|your) (?:\w+ )?(?:code|example|repro\w*|snippet)",
    "waiting for your",
    r"(?:share|provide|send|attach) (?:a|an|the|your|us|me) (?:\w+ ){0,3}?(?:gist|code|colab|"
    r"notebook|snippet|logs?|traceback|example|script|details?|repro\w*|error)",
    "if possible please",
    "(?:do not|don't) have (?:the )?(?:access|permissions?)",
    "(?:request|need|grant) (?:me |us )?(?:the )?access",
    r"(?:would )?(?:you )?mind (?:to )?(?:shar|provid|test|try|check|send|open|creat|push|post)\w*",
    r"how (?:are|do|did|is|have) (?:you|your)",
    "what (?:environment|happens|kind|would|do you|did you|are you|is your)",
)
"""Something that only the author can tell or do. #25579, #26639, #28363, #31092, #31355, #33824,
#34664, #37926, #38796, #50123, keras-team/keras#7851, keras-team/keras#17383,
pytorch/pytorch#167909, tflearn/tflearn#108."""

OF_REPORTER: Final = Phrases(
    rf"(?:please|kindly|pls|you|to) (?:\w+ ){{0,2}}?{_DETAILS}",
    rf"(?:could|can|would|will) you (?:\w+ ){{0,2}}?(?:{_DETAILS}|try|test|check|tell|let|update|"
    "verify|run|upgrade|file|open|submit|use|close|send|reproduce|post|see|make|clean|"
    "rebuild|build|install|switch|do)",
    "(?:have|did) you",
    r"are you (?:\w+ )?(?:able|using|running|getting|facing|seeing|sure|trying|having|building|"
    "installing|calling|passing|training)",
    "do you (?:still|have|see|get|mean|want|use|need|face|experience|observe)",
    r"(?:which|what) (?:\w+ )?(?:version|os|gpu|platform|command|error|happens|are you|do you mean|"
    "did you|is your|exactly)",
    r"your (?:\w+ )?(?:code|script|model|data|dataset|environment|version|setup|installation|"
    "machine|system|gpu|use case|case|problem|issue|error|question|example|program|command|end)",
    "(?:still|currently) (?:facing|seeing|experiencing|having|getting|an issue|a problem|happening|"
    r"interested|valid|relevant|occurring|persist\w*|exists?|need|see)",
    r"(?:code|example|snippet|gist|repro\w*|logs?|traceback|details?|information|info|template)",
    r"(?:does|did|do|is|was|has) (?:it|that|this)(?: \w+)? (?:works?|helps?|solves?d?|fixe?[sd]?|"
    "resolved?s?|happen|fail|occur|persist)",
    "(?:does|do|is) (?:this|the|your|it)(?: \\w+){0,2} (?:occur|happen|persist|exist|fail)",
    "(?:please|kindly) (?:\\w+ ){0,2}?(?:submit|report|file|open|post|ask|move|close|try|"
    "test|check)",
    "you (?:were on|found|used|ran|tried|saw|installed|built|trained)",
    "let (?:us|me) know",
    "(?:can|could|may|should) (?:it|this|that|we|i)(?: issue)? (?:be )?closed?",
)
"""What is asked of whoever reported the problem, and of nobody else: a name that nobody in the
thread has is then an old one of the author's. #25579, #31092, #31355, #33824, #34664, #37926,
eclipse/deeplearning4j#2689, opencv/opencv#7425, apache/incubator-mxnet#16724."""

NEWER_VERSION: Final = Phrases(
    r"(?:try|test|check|upgrade|update|run|running|checked|tried|tested)(?: [\w.-]+){0,8} "
    r"(?:latest|newer|"
    r"recent|stable|nightly|master|later)",
    "issue (?:still )?persists?",
    "older versions?",
)
"""Try a newer version. #38855, #48861, #48943."""

TRY_AGAIN: Final = Phrases(
    r"(?:can|could|would|will) you (?:\w+ ){0,2}?(?:try|test|check|verify|run)",
    r"please (?:\w+ ){0,2}?(?:try|test|check|verify|run)",
)
"""Asks the author to try, whatever is asked of everybody in the same sentence. #30466."""

INVITED: Final = Phrases(
    r"(?:can|could|would|will) you (?:\w+ ){0,2}?(?:send|submit|open|make|create|file|raise|"
    r"push|write) (?:us |me )?(?:a|an|the|your) (?:\w+ )?(?:pr|prs|pull request|patch|cl|fix)",
    r"please (?:\w+ ){0,2}?(?:send|submit|open|make|create|raise) (?:us |me )?(?:a|an|the|your) "
    r"(?:\w+ )?(?:pr|pull request|patch|cl|fix)",
    "want to (?:send|submit|open|make|contribute)",
    "happy to review",
    r"you (?:can|could|may) (?:\w+ ){0,2}?(?:raise|send|submit|open|create|make) (?:us |me )?"
    r"(?:a|an) (?:\w+ )?(?:pr|pull request|patch|cl)",
)
"""Invites the author to fix what is wrong. That it is wrong stays true whoever does it, so the
turn stays with the project until the author agrees. #21199, #33824,
exelban/tensorflow-cifar-10#6."""

TELL: Final = Phrases(
    "let (?:us|me) know",
    "(?:please |to |and )(?:check|verify|confirm|try|test)",
    "close (?:the|this) (?:issue|ticket|thread)?(?: ?if| when| once)",
    "(?:can|could|would) you (?:\\w+ ){0,2}?(?:close|check|verify|confirm|try|test)",
)
"""Asks the author to say whether a way out helps."""

CANNED: Final = Phrases(
    r"are you still (?:looking|interested|experiencing|facing|having|seeing|getting)",
    r"^(?:please |kindly )?(?:confirm|let us know|let me know|reply|respond)$",
    "still (?:an issue|a problem|relevant|facing|experiencing|having)",
    "any updates? (?:on|regarding)",
    "^is (?:this|the|your) issue (?:still )?(?:resolved|open|valid)",
    "(?:lack|no|without) (?:of )?(?:any )?(?:recent |further )?activit(?:y|ies)",
    "(?:marked|closing|closed) as stale",
    "feel free to (?:reopen|re-open|come back|open)",
    r"(?:open|create|file) a new (?:\w+ )?(?:issue|bug|ticket)(?: \w+)? (?:if|in case)",
    "clos(?:e|ing) (?:this|the) (?:issue|thread)? ?(?:due|because|as it has|for now|since)",
    "(?:been|is) open for a long time",
    "move this issue to closed",
    "nagging assignee",
    "remove the assignee",
    "update the label and/or status",
)
"""Said to anybody. #17419, #19277, #21389, #28851, #39421, #48943."""

POLITE: Final = Phrases(
    "thank(?:s| you) for (?:opening|reporting|your (?:post|patience)|the "
    "report|filing|raising|this issue)",
    "sorry for the (?:late|delay|long)",
    "apologies for the",
)
"""Courtesy that opens a comment. #33824, #37926, #48943."""
