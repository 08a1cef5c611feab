"""What stands below an article's last sentence: who helped, where it was broadcast or filed, what readers say.

Every pattern is matched from the start of a line without its bullet and emoji. Generic wording only, as in `lexicon`.
"""

from __future__ import annotations

import re

_NAME = r"[^\W\d_a-z][\w.'’-]*(?: (?:[^\W\d_a-z][\w.'’-]*|de|van|von|bin|al|der|da|dos|del)){1,3}"
_NAMES = rf"{_NAME}(?:(?:, | and | und | et | y | e | и |, and ){_NAME}){{0,4}}"

# Who else worked on a text.
CONTRIBUTION = re.compile(
    r"(?:[^\W\d_a-z].{2,120} contributed (?:(?:additional |to the )?reporting\b|(?:research|writing|translation)\W*$"
    r"|to this (?:report|story|article|piece|post|dispatch|project|newsletter|analysis|edition)\b)"
    rf"|{_NAMES},? (?i:(?:reported|wrote) from .{{2,80}} contributed"
    r"|(?:hat|haben) (?:zu diesem|an diesem) \w+ (?:beigetragen|mitgearbeitet|mitgewirkt)"
    r"|(?:a|ont) (?:contribué|collaboré|participé) à (?:cet|ce|cette) \w+"
    r"|(?:contribuyó|contribuyeron|colaboró|colaboraron|ha colaborado|han colaborado) (?:a|en|con) est\w+ \w+"
    r"|(?:contribuiu|contribuíram|colaborou|colaboraram) (?:para|com|nesta|neste) (?:esta |este )?(?:reportagem|artigo"
    r"|matéria|texto|notícia))\b"
    r"|(?i:(?:unter mitarbeit von|mitarbeit:|mit material von|mit informationen von|avec (?:les )?agences\b"
    r"|avec l['’]?afp\b|con información de|con la colaboración de|com informações d[aeo]|com reportagem de"
    r"|com agências\b"
    r"|при участии [^\W\d_a-zа-я]|в подготовке (?:материала|текста) участвовал)))"
)
# When a piece was on the air.
BROADCAST = re.compile(
    r"(?:(?:über )?(?:dieses?|diesen?r?) (?:thema|beitrag|sendung|stück|reportage) (?:im programm"
    r"|(?:berichtete|sendete|brachte|lief|wurde|hören|sehen)\b)"
    r"|(?:darüber|hierüber) (?:berichtete|sendete)\b.{0,80}\d|dies(?:er|e|es) (?:beitrag|sendung|thema|stück|interview)"
    r" (?:lief|wurde (?:am|im) .{0,60}gesendet|ist (?:am|im) .{0,60}gesendet)"
    r"|this (?:segment|story|interview|programme|program|report|episode|broadcast|item)"
    r" (?:first |originally |was |has been )*(?:aired|broadcast|ran)\b"
    r"|(?:ce|cet|cette) (?:reportage|sujet|entretien|émission|chronique) (?:a été|est|sera) (?:re)?diffusée?\b"
    r"|est[ea] (?:reportaje|tema|entrevista|programa|informe) (?:se emitió|fue emitid[oa]|se transmitió)"
    r"|(?:слушайте|смотрите) .{0,60}(?:в эфире|в программе|выпуск)"
    r"|est[ea] (?:reportagem|entrevista|programa|tema) (?:foi|passou) (?:emitid|transmitid|para o ar|no ar)\w*)",
    re.IGNORECASE,
)
# How to reach its author; an address or a number must follow.
REACH = re.compile(
    r"(?:you can |please )?(?:reach|contact|e-?mail|write to|follow|send (?:tips|comments|questions|feedback) to)\b"
    r"|(?:schreiben sie|kontaktieren sie|folgen sie)\b|(?:écrivez|contactez)\b|(?:escriba|escribe|contacte)\b"
    r"|(?:пишите|напишите)\b",
    re.IGNORECASE,
)
# Where a piece is filed, and under which terms it may be printed again.
FILED = re.compile(
    r"(?:this (?:entry|post|article|item) (?:was|is) (?:posted|published|written|filed|tagged)\b"
    r"|(?:posted|filed) (?:in|under) .{1,120}(?:\||•|·|tagged\b)|bookmark the permalink"
    r"|a version of this (?:article|story|column) (?:appear|ran|was)"
    r"|dieser (?:beitrag|eintrag|artikel) (?:wurde|ist) .{0,120}(?:veröffentlicht|verfasst|geschrieben|abgelegt"
    r"|gepostet|verschlagwortet)"
    r"|(?:cette entrée|cet article|ce billet) (?:a été|est) (?:publiée?|postée?|classée?)\b"
    r"|esta entrada (?:fue|se|está) (?:publicad[ao]|publicó|archivada)"
    r"|(?:esta|este) (?:entrada|artigo|post) foi publicad[ao]"
    r"|(?:эта )?запись (?:была )?(?:опубликована|размещена)"
    r"|(?:при )?(?:любом |полной |частичной )*(?:перепечатк|цитировани|(?:использовани|копировани)\w+ (?:\w+ ){0,2}"
    r"(?:материал|текст|контент|информаци|фото))\w* ?.{0,80}(?:ссылк|запрещ|разреш|обязательн)"
    r"|(?:nachdruck|vervielfältigung)\b.{0,80}(?:gestattet|untersagt|genehmigung|quellenangabe|verboten)"
    r"|(?:toute )?reproduction\b.{0,60}(?:interdite|autorisée|mention obligatoire)"
    r"|(?:queda )?(?:prohibida|se permite) (?:su|la) reproducción"
    r"|(?:©|\(c\)\s|copyright )\s*(?:[«\"“„'‘]|.{0,100}\b(?:19|20)\d\d\b))",
    re.IGNORECASE,
)
_MANY_READERS = (
    r"(?:meinungen?|beiträge?|réactions?|contributions?|respuestas?|opiniones|reações|обсуждени\w+|отзыв\w*|reactions?)"
)
# Headings of what readers say, beside those that name comments in English. Words for more than that need a number.
READERS = re.compile(
    r"(?:(?:readers?['’]?s?['’]?|top|best|most liked|staff|editors?['’]?s?['’]?) (?:picks?|comments?|letters?|opinions?"
    r"|responses)"
    r"|(?:\d+ )?(?:leser(?:kommentare?|meinung(?:en)?|briefe?|forum|zuschriften)|kommentare?|vos réactions"
    r"|(?:vos |les )?commentaires?|(?:los )?comentarios?|opiniones de los lectores|comentários?(?: dos leitores)?"
    r"|commenti|комментари\w+(?: читателей)?|отзывы читателей)\s*(?:\(\s*\d+\s*\))?"
    rf"|\d+ {_MANY_READERS}|{_MANY_READERS}\s*\(\s*\d+\s*\))\s*:?$",
    re.IGNORECASE,
)
# The buttons below one comment.
_BUTTON = (
    r"(?:recommend(?:ed)?|reply|like|likes|report|flag|upvote|downvote|antworten|melden|gefällt mir|répondre|signaler"
    r"|j['’]aime|responder|denunciar|me gusta|ответить|пожаловаться|нравится)"
)
BUTTONS = re.compile(rf"{_BUTTON}\W*\d*\W+{_BUTTON}(?:\W*\d*\W+{_BUTTON})?\W*\d*\W*$", re.IGNORECASE)
# A nickname, the time at which it wrote, a colon.
STAMPED = re.compile(
    r"[^\s:,][^:,]{0,40},? (?:\([^()]{1,40}\),? )?\(?(?:[^:,]{0,30}, )?\d{1,2}[:.]\d{2}(?: ?Uhr)?\)? ?: \S"
)
