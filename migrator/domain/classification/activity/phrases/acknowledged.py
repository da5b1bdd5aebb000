"""A maintainer acknowledges a problem: promises, reproductions, handed to a colleague."""

from __future__ import annotations

from typing import Final

from migrator.domain.classification.activity.phrases.pattern import BE, NEGATIONS, Phrases

_WE: Final = r"(?:i|we|i am|we are|i'm|we're)"
_WILL: Final = (
    r"(?:i'll|we'll|i will|we will|i'm going to|we're going to|i am going to|we are going to|let "
    r"me|^will)"
)

PROMISED: Final = Phrases(
    r"(?:we|i) (?:first |still |also )?(?:should|need to|want to|plan to|could|might|may) "
    r"(?:(?!not )\w+ ){0,2}?(?:fix|do|debug|investigate|find|test|add|update|support|"
    r"provide|expose|allow|improve|change|make|address|document|clarify|raise|handle|implement)",
    r"(?:needs? to|should) be (?:updated|changed|documented|improved|handled|clarified|supported)",
    r"(?:is|as) a (?:\w+ )?feature request",
    r"(?:filed|opened|created) (?:a|an) (?:internal )?(?:bug|ticket|tracking issue)",
    r"(?:created|sent|sent out|submitted|opened|have|made) (?:a|an|the) (?:\w+ )?(?:cl|pr|pull "
    r"request|fix|patch|change)",
    r"^(?:yes )?(?:this|that|it) is (?:indeed )?wrong",
    r"(?:pull requests?|prs?)(?: \w+){0,4}? (?:is |are |would be )?(?:very |always )?welcome",
    r"welcome (?:a|an|any|your) (?:\w+ )?(?:contribution|pr|pull request|patch|fix)",
    r"(?:glad|happy) (?:about|to accept|to see) (?:a|your|any) (?:pull request|pr|contribution)",
    "fix (?:is submitted|was submitted|is under|is out for)",
    "^(?:no )?(?:not yet|not so far)",
    "(?:will|should|to) (?:show up|go out|ship|land|be part of|be included|be released)",
    "(?:until then|in the mean ?time|meanwhile|for the time being)",
    "(?<!closing )(?<!close )(?<!it )(?<!this )for now (?:you|we|i|please|the|one|it)",
    "(?:is|are) going to (?:\\w+ )?(?:take|look|fix|work|investigate|handle|address|add|implement)",
    "(?:someone|somebody) (?:should|needs to|has to|must) (?:\\w+ )?(?:track|look|fix|take|"
    "investigate|debug|check|update|add)",
    r"(?:once|when|after) (?:[\w.`()]+ ){1,12}?(?:should|can|could|will) be "
    "(?:considered )?(?:fixed|closed|resolved)",
    "temporary (?:work-?around|fix|solution)",
    "until (?:it|this|that) (?:is|gets|has been) (?:fixed|supported|added|merged|released|"
    "implemented)",
    "(?:i'm|i am|we're|we are) (?:\\w+ )?in favou?r of",
    r"(?:seems?|sounds?|looks?)(?: to me)? like (?:a|an) (?:\w+ )?(?:useful|good|great|nice|"
    "reasonable|valid|sensible|fair)",
    "(?:would be|is) (?:a |an )?(?:really |very )?(?:nice|useful|good|great|reasonable) (?:idea|"
    "addition|feature|improvement)",
    "makes? sense to (?:add|have|fix|support|change|allow|raise|expose|document)",
    "(?:still has|has still|with|there is|there's|has) (?:a |an |some |other |another )?(?:known "
    "|open )?bugs?",
    r"feel free to (?:send|open|create|submit|make|raise|push) (?:us |me )?(?:a|an|the|your) "
    r"(?:\w+ )?(?:pr|pull request|cl|patch|fix)",
    "track(?:ed|ing)(?: this| it)? (?:internally|in our)",
    r"under (?:internal )?review",
    rf"{_WILL} (?:\w+ "
    rf"){{0,2}}?(?:take|have|get|look|investigate|fix|check|update|work|send|address|debug|dig|"
    r"prioriti[sz]e|follow|submit|push|make|add|"
    r"try to (?:fix|reproduce|find|test|check|run|change|make|improve|add)|be "
    r"(?:fixed|addressed|updated|"
    rf"resolved|supported|available))",
    r"taking (?:a|another) (?:\w+ )?look",
    "(?:i|we)(?: will|'ll)? keep (?:investigating|looking|digging|working)",
    "(?:partially|partly) (?:address|fix|solv|resolv)(?:ed|es|e)",
    "before (?:we|i) (?:look|go|work)",
    "i can (?:\\w+ )?(?:take (?:a|another) look|have a look|look|check|investigate|fix|"
    "work on|try to)",
    "(?:preparing|sending|testing|writing|finishing) (?:a|an|the) (?:\\w+ )?"
    "(?:cl|pr|pull request|fix|patch|change)",
    "(?:as|while|until) we (?:investigate|fix|work|look)",
    "(?:we|i) can (?:\\w+ )?(?:fix|solve|change|remove|rename|update|clarify|improve|add) "
    "(?:it|this|that|the|these|those|support|a|an)",
    "(?:was|is) (?:an|my|our) oversight",
    r"(?:not|\w+n't) (?:been )?(?:merged|released|submitted|landed|fixed|implemented|addressed) "
    "(?:yet|so far)",
    r"(?:not|\w+n't) (?:yet )?had (?:the |a |any |enough )?(?:chance|time|opportunity)",
    "whoever (?:looks|picks|works|takes|wants)",
    "looking into",
    "look(?:ing)? (?:deeper|closer)",
    r"working on (?:it|this|that|these|both|a fix|the fix|fixing|supporting|adding|the "
    r"implementation|an? \w+)",
    "work(?:ing)? in progress",
    "actively working",
    r"(?:i'm|i am|we're|we are) (?:\w+ ){0,2}?(?:following up|debugging|investigating|reproducing|"
    "trying to reproduce|preparing|implementing)",
    r"(?:i'm|i am|we're|we are) (?:\w+ )?(?:updating|fixing|correcting|rewriting|changing|adding)",
    "(?:will|to) be debugging",
    "will be (?:added|supported|implemented)",
    rf"(?:^|(?:{_WILL}|i'm|i am|let me|we are|we're) )re-?open(?:ing)?(?: (?:it|this|the (?:issue|"
    r"ticket|bug)))",
    "(?:have|has|with) a fix",
    "^need to (?:investigate|look|check|fix|debug)",
    "(?:and|but|so) will (?:take (?:a|another) look|have a look|look|fix|check|investigate)",
    "fix (?:is|will be|should be) (?:coming|incoming|pending|underway)",
    "on (?:my|our|the) (?:todo|to-do|list|radar|roadmap)",
    "should land",
    "(?:have|'ve) proposed",
    "to address this",
    "in the works",
    r"i think (?:this|it|that) (?:is|may be|might be|could be) (?:\w+ )?(?:bug|regression)",
    "(?:this|it|that)(?: is|'s)? (?:indeed |definitely |clearly |probably |likely |certainly |"
    r"still )*(?:a |an )?(?:(?!no |not )\w+ )?(?:bug|regression)",
    "(?:known|valid|real|minor) (?:bug|issue|limitation|problem)",
    "easy fix",
    "let's (?:get|add|make|fix|change|improve) (?:a|an|the)",
    "^re-?opening$",
    r"working with (?:[\w@-]+ ){1,3}?to (?:locate|find|fix|resolve|solve)",
    "good catch",
    "nice catch",
    "thanks? (?:you )?for (?:finding|catching|spotting)",
    "(?:message|warning|documentation|docs?|example|tutorial)s? (?:is|are|(?:has|have) "
    "(?:got|gotten|become)) (?:incorrect|wrong|misleading|outdated|confusing|out of (?:sync|date))",
    r"(?:you are|you're) (?:\w+ )?(?:right|correct)",
    "agree with you",
    "i agree(?! that (?:it|this) (?:is|seems|looks))",
    r"agree that (?:it|this|that) (?:is|seems|looks)(?: like)? (?:a |an )?(?:\w+ )?"
    "(?:problem|bug|wrong|confusing|misleading|inconsistent)",
    "(?:may|might|will|would|could) (?:need|take|require) (?:some|more|quite some|a (?:bit|"
    "lot) of) (?:time|work|effort)",
    "can confirm",
    "(?:^|is |was |been )confirmed",
    "confirmed (?:the|this) (?:issue|bug|problem|behaviou?r)",
    r"if (?:someone|anyone|anybody)(?: or \w+(?: else)?)? (?:wants?|would like|'d like|"
    "feels? like|is interested|are interested) (?:to|in)",
    r"if you(?: or \w+(?: else)?)? (?:want|would like|'d like|feel like|are interested) (?:to|in) "
    r"(?:\w+ ){0,2}?(?:contribut|work|help|send|submit|implement|add|fix|open|make|tak|giv|try)\w*",
    "would be (?:\\w+ )?(?:simple|easy|straightforward) to (?:implement|add|support|fix)",
    "(?:we|it) (?:probably |certainly |definitely |really )?should(?: probably)?$",
    "another (?:approach|option|possibility) (?:could|would|might) be",
    "would be (?:nice|great|useful|good|better) if (?!you)",
    "feel free to contribute",
    "we are aware",
    "blocked (?:by|on|until)",
    "we're aware",
    r"(?:not|\w+n't) (?:yet |currently )?(?:supported|implemented|available) (?:yet|at the "
    "moment|currently|right now|for now)",
    r"(?:contributions?|patches|help) (?:\w+ ){0,4}?(?:is |are |would be )?(?:\w+ ){0,2}?"
    "(?:welcome|appreciated)",
    "(?:love|glad|happy|appreciate) (?:to (?:have|get|see|accept|review) )?(?:\\w+ )?(?:help|"
    "contributions?|patch(?:es)?)",
    "(?:would|will|may|might) be (?:fixed|resolved|addressed) (?:by|with|once|when|after|in)",
    "(?:done|fixed|implemented) (?:it |this |that )?internally",
    "(?:will|going to) (?:be )?push(?:ed)?",
    r"(?:not|\w+n't) (?:quite|just|fully) (?:supported|implemented|available|ready|done)",
    "(?:is|was) the plan$",
    "check (?:again|back) in",
    "there (?:is|'s) (?:an |some )?(?:ongoing )?(?:effort|work)",
    "(?:has|have) been (?:iterating|working)",
    "maybe (?:we|i) should",
    "(?:once|when|after) (?:it|this|that|the \\w+) (?:is|gets|has been|was) merged",
    "good feature",
    "(?:would|will) consider",
)
"""Confirmed, or somebody works on it. #18642, #27416, #28146, #28363, #33824, #33892, #37926,
#38620, #7549, #31355, #39671, bayesflow-org/bayesflow#541, braingineer/ikelos#2,
explosion/spaCy#4830, mattduck/gh2md#47, quarnster/SublimeClang#53, bitcoin-core/gui#341,
sugarme/gotch#47,
SciSharp/SciSharp-Stack-Examples#23, tflearn/tflearn#108, #3067, #8112, #8850, #9125, #11178,
#13980, #17839, #18443, #22250, #25469, #27875, #6635, #7610, #378, #12817, #17925,
eclipse/deeplearning4j#4190, eclipse/deeplearning4j#8155, tensorflow/tfjs#517, tensorflow/tfjs#1174,
apple/turicreate#826, apple/turicreate#2348, ray-project/ray#7997."""

LEFT_OPEN: Final = Phrases(
    "(?:leave|keep|leaving|keeping) (?:this |the |it )?(?:issue |ticket |bug )?open",
)
"""More is to come, whatever is done or closed beside it. #15792, #22221,
eclipse/deeplearning4j#5064."""

OPINION: Final = Phrases(
    r"(?:looks?|seems?|appears?) (?:like|to be) (?:it is |this is |there is |there's )?(?:a|an|"
    r"some) (?:\w+ )?(?:bug|issue|regression)",
    r"(?:does|do) (?:\w+ )?(?:look|seem|sound) (?:odd|wrong|strange|weird|suspicious|broken|like a "
    "bug)",
)
"""A maintainer takes it for a bug: acknowledged, unless the author is sent elsewhere with it.
#51710, #57678."""

REPRODUCED: Final = Phrases(
    "(?:reduced|minimi[sz]ed|smaller|minimal|simpler) (?:test ?case|repro\\w*)",
    r"(?:can|could) (?:also )?see (?:it|this|the (?:issue|problem|error|bug))",
    r"^reproduced (?:with|in|on|it|this)",
    "able to (?:reproduce|replicate|repro|see|observe)",
    "(?:can|could) (?:also |now )?(?:reproduce|replicate|repro)",
    rf"{_WE} (?:have |also |just |now )*(?:reproduced|replicated)",
    r"(?:reproduced|replicated) the (?:\w+ )?(?:issue|error|problem|behaviou?r)",
    rf"{BE} (?:reproducible|replicating|reproduced|replicated)",
    "see(?:ing)? the same (?:issue|error|problem|behaviou?r|result)",
    "(?:get|got|getting|facing) the same (?:issue|error|problem)",
    "(?:i|we)(?: can)?(?: get)? still (?:get|see|have|observe|reproduce|repro)",
    "(?:problem|issue|error|bug) (?:still )?(?:persists|remains|exists|occurs)",
    "^(?:it|this) (?:also |still )?happens (?:with|in|on|for)",
)
"""It happened to the maintainer, too. #28115, #36646, #37633, #38620, #38745, #38796, #37196,
#39714, #41973, #61270, rust-lang/rust#22663."""

TO_COLLEAGUE: Final = Phrases(
    "comment on (?:this|it|that)",
    "to this topic",
    "(?:add|change|remove|set) (?:the )?labels?",
    "please label",
    "^(?:might|may|would|should|will|can) (?:probably |maybe )?(?:be able|know|have|help)",
    "tak(?:e|ing) (?:a|another) (?:\\w+ )?look",
    "(?:your|any|have|some) (?:\\w+ )?(?:thoughts|insights?)",
    "any (?:inputs?|reasons?|objections?|opinions?|concerns?)",
    "(?:can|should|could|would) (?:this|that|it|we) (?:do|have|be(?! (?:closed|due|caused|related|"
    "because|resolved)))",
    "look into (?:this|it|that)",
    "what do you think",
    "would (?:it|this|that) make sense",
    "(?:would|could|can) you (?:please )?(?:decide|advise|triage|assign|comment)",
    "do you (?:happen to )?(?:know|remember|recall|think)",
    "is there (?:a|an|any) (?:\\w+ )?(?:way|plan|reason)",
    "did you (?:touch|write|work|add|implement)",
    "(?:a|any|the) (?:chance|time) to",
    "(?:current|latest) status",
    "is (?:this|it|that) (?:already |currently )?(?:supported|expected|intended|known|by design|"
    "planned|implemented|possible|correct|a known|the (?:right|expected))",
    "(?:should|do|have|are|can|could) we",
    "(?:still |any |more )work to do",
)
"""What is asked of a colleague: with the name of somebody who is not the author it is not asked of
the author. #20565, #20343, #10675, #6847, #31287, #7404, #7645, #4821, #14248,
#14070, #14879, #19910, #3265, #17352."""

NOT_SEEN: Final = Phrases(*NEGATIONS, "you", "to be")
"""Words that turn a reproduction into its opposite, or into what the author will see, or what
somebody wishes to. #24686, eclipse/deeplearning4j#760."""

HANDED_ON: Final = Phrases(
    r"(?:adding|looping in|including|pinging|cc'?ing) (?:@?[\w-]+ "
    r")?(?:who|as|here|since|for|to|from|in)",
    "(?:re)?assign(?:ing|ed)(?: this)?(?: to)?",
    r"adding @?[\w-]+(?: @?[\w-]+)?$",
    "(?:the|our) (?:team|owner|developers?|engineers?) (?:will|has|have|is|are|to)",
    "escalat(?:e|ed|ing)",
    r"(?:can|could) you(?: please)? take (?:a|another) look(?: at (?:this|it)(?: issue)?)?\??$",
    "any (?:inputs?|thoughts|ideas?) (?:on|about) (?:this|it|that)",
    "ptal",
    "^cc",
    "^(?:could|can|should|did|do|have|are|would) we(?! (?:please |now )?(?:close|get|see))",
    "^how about (?:the|we)",
    "who is the owner",
    "who has more (?:insight|context)",
    "is assigned",
    "(?:better|right|best) (?:person|assignee|owner|reviewer)",
    "triaged?",
)
"""Given to a colleague. #26639, #27941, #31092, keras-team/keras#8809."""
