"""Somebody else has the same trouble, or shows a way out."""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.phrases.pattern import Phrases

INSISTS: Final = Phrases(
    r"(?:see|seeing|have|get) exactly the same",
    r"the same (?:here|happens|thing)",
    "same (?:issue|error|problem|here|question|thing|situation|boat)",
    r"still (?:\w+ )?(?:happen\w*|occur\w*|exist\w*|present|persist\w*|see\w*|get\w*|fac\w*|an "
    r"issue|a problem|wrong|incorrect|missing|unable|"
    r"broken|have|having|not|in|fails?)",
    "(?:does not|doesn't|didn't|did not|not) (?:work|help|solve|fix|working)",
    "(?:any|is there any) (?:updates?|news|progress|plan|eta|workaround|solution)",
    "also (?:have|having|get|getting|see|seeing|face|facing|run|ran|want|need|would)",
    "ran into",
    "can confirm",
    "(?:facing|experiencing|having|getting|encountered|encountering) (?:this|the same|a "
    "similar|similar)",
    "similar issue",
    "me too",
    r"\+1",
    "waiting for",
    "has there been",
    "would (?:also )?(?:like|love|be great)",
    "please fix",
    "(?:this|it) (?:also )?(?:breaks|broke|kills|killed)",
    r"(?:breaks?|fails?|crashes|happens|failing|happening|broken|occurs) (?:\w+ )?(?:for|to|with) "
    "(?:me|us)",
    "looking for (?:a|the) (?:solution|fix)",
    "(?:do not|don't|not be|shouldn't be) closed?(?:$| (?:it|this|the))",
    "(?:please|should|could you|can you) (?:be )?re-?open",
)
"""Somebody else with the same trouble, or against a close. #25073, #26639, #27416, #28115, #38620,
#34539, #34954, #41632."""

WAY_OUT: Final = Phrases(
    r"(?:solved|fixed|resolved) (?:it|this|the (?:issue|problem|error))",
    r"works for me",
    r"(?:i|we) (?:\w+ )?(?:solved|fixed|resolved|found|managed)",
    r"(?:this|that|it|which|following) (?:\w+ )?(?:solved|fixed|works|worked|resolved|helped)",
    "work-?arounds?",
    "you (?:can|could|should|need to|have to|must)",
    "try (?:with|using|to|the|adding|setting|changing|removing)",
    "instead of",
    "the (?:reason|problem|issue|bug) is",
    "(?:is|'s|it's) because",
    "caused by",
    r"pull request|pr #?\d*",
    "fixed in",
    "solution",
)
"""Somebody else shows a way out. #27416, #32954, #33892, #35336, #37196."""

OFFERS: Final = Phrases(
    r"(?:i|we) (?:can|could|will|would|'d|am happy to|would be happy to|would like to) "
    r"(?:\w+ ){0,3}?(?:pull together|send|submit|open|create|make|prepare|put together) "
    r"(?:a|an|the) (?:\w+ )?(?:pr|pull request|patch|fix)",
    "(?:work|working|help|helping) (?:on|with) (?:this|it|that)",
    "(?:get|take) (?:on|up) (?:this|it)",
)
"""Somebody else offers to help. #1793, #40067, #26211."""
