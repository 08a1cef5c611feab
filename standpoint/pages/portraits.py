"""Words that introduce who was interviewed, say what they have published, or end the log of a broadcast."""

from __future__ import annotations

import re

_NAME = r"(?-i:[^\W\d_a-z][\w.'’-]*(?: (?:[^\W\d_a-z][\w.'’-]*|de|van|von|bin|al|der|da|dos|del)){1,4})"

# The heading above a few lines on whoever speaks.
HEADING = re.compile(
    r"(?:zur person|(?:kurz)?vita|(?:kurz)?biogra(?:fie|phie|phy|f[ií]a)|steckbrief|lebenslauf|zu(?:r"
    r"|m) (?:interviewpartner"
    r"|autor|gast|gesprächspartner)(?:in)?|zu den (?:personen|gästen)|über (?:den|die) (?:autor|gast"
    r"|gesprächspartner)(?:in)?"
    r"|about (?:the|our|today['’]s) (?:interviewees?|guests?|speakers?|experts?|panell?ists?)"
    r"|(?:short |brief )?bio(?:graphical note)?|who(?: i|['’])s who"
    r"|bio(?:graphie)? express|repères(?: biographiques)?|à propos de l['’](?:invitée?|auteure?|interviewée?)"
    r"|son parcours"
    r"|quién es(?: quién)?|sobre (?:el|la|o|a) (?:entrevistad[oa]|autora?|invitad[oa]|convidad[oa])|perfil|quem é"
    r"|об? (?:авторе|собеседник\w+|гост[ея])|биография|биографическая справка|кто (?:такой|такая|это)|наш собеседник"
    r"|наша собеседница)\b(?P<inline>:?\s*(?=\S))?",
    re.IGNORECASE,
)
BEGINS = re.compile(_NAME)
# A name, an age, and what a life is told with.
LIFE = re.compile(
    rf"(?P<name>{_NAME})(?:,? \(?(?:(?:aged |geboren |jahrgang |né(?:e)? en |nacid[oa] en |nascid[oa] em )?(?:1[89]"
    rf"|20)?\d\d"
    r"(?: ans| años| anos| лет)?)\)?,?| \([^()]{2,30}\),?)?\s+(?:trained|studied|was (?:born|educated|raised"
    r"|the \w+|an? \w+)|grew up"
    r"|is (?:an?|the)|has (?:been|worked|taught|led|served|written)|teaches|works|worked|leads|heads|lives|joined"
    r"|served"
    r"|ist|war|wurde|studierte|leitet|lehrt|arbeitet|lebt|wuchs|est|a (?:été|étudié|dirigé|travaillé)|dirige"
    r"|enseigne|née?|travaille"
    r"|vit|es|fue|nació|trabaja|vive|estudió|é|foi|nasceu|trabalha|estudou|родил\w+|работает|окончила?|возглавляет"
    r"|живёт"
    r"|живет|[–—-])\s",
    re.IGNORECASE,
)
# What whoever speaks or writes has brought out.
WORK = re.compile(
    rf"(?:(?:{_NAME}['’]s?|his|her|their) (?:(?:new|newest|latest|most recent|first|second|next|forthcoming|own"
    rf"|\d{{4}})"
    r" ){0,2}(?:books?|memoirs?|novel|autobiography|biography|essays?|collection|album"
    r"|monograph|diary|diaries)\b.{0,120}\b(?:(?:is|are|was|will be|has been|have been) (?:just |now "
    r"|out )?(?:published"
    r"|released|issued|available|out)|appears? (?:in|from|with|this|next)|comes? out)\b"
    r"|(?:zuletzt|soeben|kürzlich|jüngst|gerade) (?:erschien(?:en)?|ist erschienen)\b|(?:sein|ihr)e? (?:\w+ )?(?:buch"
    r"|roman"
    r"|memoiren|erinnerungen|essay\w*|biografie)\b.{0,120}\b(?:erschien\w*|erscheint|veröffentlicht)\b"
    r"|(?:son|ses|dernier) (?:\w+ )?(?:livre|ouvrage|roman|essai|mémoires|récit)\b.{0,120}\b(?:paraît|paru\w*"
    r"|publiée?s?"
    r"|vient de paraître)\b"
    r"|sus? (?:\w+ )?(?:libro|novela|memorias|ensayo|obra)\b.{0,120}\b(?:publicad\w+|publicarse|publicó|aparec\w+)\b"
    r"|(?:o )?seu (?:\w+ )?(?:livro|romance|ensaio)\b.{0,120}\b(?:publicad\w+|saiu|lançad\w+)\b"
    r"|(?:его|е[её]|новая|последняя) (?:\w+ )?(?:книга|роман|мемуары|воспоминания)\b.{0,120}\b(?:вышл\w+|выходит"
    r"|издан\w*"
    r"|опубликован\w*)\b)",
    re.IGNORECASE,
)
# The last line of a log or a transcript, and whom it may reach.
LOG_END = re.compile(
    r"\W*(?:(?:end|ends) of (?:the |this )?(?:log|transcript(?:ion)?|recording|broadcast|programme|program|tape|audio"
    r"|video"
    r"|interview|file|session|document|message|dispatch)|(?:transcript|recording|interview|tape|log|audio) (?:ends?"
    r"|concluded|stops)|ende de[rs] (?:transkripts?|aufzeichnung|sendung|protokolls|mitschrift|aufnahme|interviews)"
    r"|fin de (?:la |l['’])?(?:transcription|émission|enregistrement|transcripción|emisión|grabación|entretien)"
    r"|fim d[ao] (?:transcrição|emissão|gravação)|конец (?:записи|расшифровки|стенограммы|эфира|передачи))\b.{0,160}$"
    r"|\W*(?:not|nicht|no) for (?:onward |further |public |general )?(?:distribution|publication|broadcast|release"
    r"|circulation)\b.{0,60}$|nicht zur (?:weitergabe|veröffentlichung)\b.{0,40}$|для служебного пользования\W*$"
    r"|ne pas diffuser\W*$|no difundir\W*$|não divulgar\W*$",
    re.IGNORECASE,
)
