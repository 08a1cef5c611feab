"""What hosts say to keep a show going: greetings, breaks, sponsors, calls to subscribe, who made it."""

from __future__ import annotations

import re

from standpoint.pages.blocks import Layout
from standpoint.pages.signs import find_words
from standpoint.pages.speakers import split_speaker, strip_label

_LONGEST = 360  # characters of a turn that can be nothing but formulas
_EDGE = 6  # turns at either end of a show among which it says who made it
_CAPITAL = r"(?-i:[^\W\d_a-z][\w.'’&-]*)"
_TITLE = rf"(?:{_CAPITAL}|the|a|of|and|for|in|on|at|to)(?: (?:{_CAPITAL}|the|a|of|and|for|in|on|at|to)){{0,8}}"
_ME = rf"(?:i['’]m|i am|my name is|my name['’]s) (?:(?:your host|the host),? )?{_CAPITAL}(?: {_CAPITAL}){{0,3}}"
_SHOW = r"(?:episode|show|podcast|program(?:me)?|broadcast|video|edition|newscast|bulletin|channel|stream)"


def _compile(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})$", re.IGNORECASE)


_GREETING = _compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening|day))"
    r"(?:,? (?:and|to|everyone|everybody|all|there|again|listeners|viewers|folks|guys|friends|you|ladies|gentlemen))*"
    rf"(?:,? (?:and )?welcome\b.{{0,70}})?(?:,? (?:and )?(?:{_ME}|this is {_TITLE}))*",
    rf"(?:and )?welcome(?: back)?(?:,? (?:everyone|everybody|all))?(?: (?:to|in)\b .{{0,60}})?(?:,? (?:and )?{_ME})?",
    rf"(?:and )?{_ME}(?:,? and (?:this is|you['’]re (?:listening|watching)) .{{0,60}})?",
    rf"(?:and )?this is {_TITLE}(?:,? (?:and )?{_ME})?",
    r"(?:and )?(?:you['’]re|you are|you['’]ve been) (?:listening|watching|tuned)\b.{0,80}",
    rf"i['’]m your host\b.{{0,50}}|(?:from .{{2,40}}, )?it['’]s {_TITLE}",
    r"(?:guten (?:tag|morgen|abend)|herzlich willkommen|hallo|willkommen)(?:,? (?:und|herzlich|willkommen|liebe|zu\w*"
    r"|bei"
    r"|zur|zum|meine|damen|herren|\w*hörer\w*|\w*zuschauer\w*)\b)*(?: .{0,40})?",
    r"(?:bonjour|bonsoir)(?: à (?:tous|toutes|vous))*(?:,? et)?(?:,? (?:soyez les bienvenus|bienvenue)\b.{0,50})?",
    r"(?:hola|buenos días|buenas (?:tardes|noches))(?:,? (?:a todos|y|todos))*(?:,? bienvenid\w+\b.{0,50})?",
    r"(?:здравствуйте|добрый (?:день|вечер)|доброе утро)(?:,? (?:вы слушаете|вы смотрите|в эфире|с вами)\b.{0,60})?",
)
_CLOSING = _compile(
    r"(?:.{2,40}, )?(?:thank you|thanks)\b(?: so| very| again)*(?: much)?(?:,? .{2,40},?)? for (?:coming|being"
    r"|joining|having"
    r"|your time|speaking|talking|taking|listening|watching|tuning)\b.{0,50}",
    r"(?:.{2,40}, )?(?:we|i) (?:thank you|are grateful)\b.{0,20}\b(?:for|conversation|interview|time)\b.{0,50}",
    r"(?:it(?:['’]s| is| was) |it['’]s been )?(?:a |my |always )*(?:real |great |absolute )?pleasure(?: to .{0,30})?",
    r"(?:and )?that(?:['’]s| is| was) (?:all|it|our show|the news)\b.{0,50}|(?:we['’]ll |i['’]ll )?(?:see"
    r"|talk to) you\b.{0,40}",
    r"until (?:next|then)\b.{0,40}|(?:good ?night|goodbye|bye|take care)\b.{0,40}|join us (?:again|next)\b.{0,50}",
    r"(?:danke|vielen dank) (?:fürs|für das|für ihr)\b.{0,40}|auf wiedersehen\b.{0,20}|bis (?:zum nächsten|bald"
    r"|morgen)\b.{0,20}",
    # How an interview ends, whoever is addressed before it.
    r"(?:.{2,40}, )?(?:(?:wir|ich) (?:danke[n]?|bedanken? (?:uns|mich))|(?:vielen|herzlichen|besten|schönen) dank"
    r"|danke)\b"
    r".{0,30}\b(?:gespräch|interview|zeit|antworten|unterhaltung)\b.{0,20}",
    r"(?:.{2,40}, )?(?:merci|(?:nous|je) vous (?:remercions?|remercie))\b.{0,30}\b(?:entretien|interview|temps|réponses"
    r"|échange)\b.{0,20}",
    r"(?:.{2,40}, )?(?:(?:muchas )?gracias|(?:le|les|te) agradec\w+)\b.{0,30}\b(?:entrevista|tiempo|conversación|charla"
    r"|respuestas)\b.{0,20}",
    r"(?:.{2,40}, )?(?:(?:muito )?obrigad[oa]|agradecemos|agradeço)\b.{0,30}\b(?:entrevista|tempo|conversa"
    r"|disponibilidade)\b"
    r".{0,20}",
    r"(?:.{2,40}, )?(?:(?:большое )?спасибо|(?:мы )?благодарим(?: вас)?"
    r"|благодарю(?: вас)?)\b.{0,20}\bза\b.{0,20}\b(?:бесед"
    r"|интервью|разговор|время|ответ)\w*\b.{0,20}",
    r"merci (?:de|d['’])\b.{0,50}|gracias por (?:ver|escuchar|acompañar)\w*\b.{0,30}|спасибо за (?:просмотр"
    r"|внимание)\b.{0,20}",
)
# How a moderator leads from one question to the next.
_MODERATOR = _compile(
    r"(?:(?:ok|okay|so|and|now),? )?(?:(?:we|i)(?:['’]ll| will| can)|let['’]s|let us|let me) (?:start|begin|go|turn"
    r"|move|take"
    r"|continue)\b.{0,50}\b(?:questions?|row|side|you)\b.{0,40}",
    r"(?:(?:ok|okay|so|and|now),? )?(?:(?:the|a|our|one|time for) )*(?:next|first|last|second|final"
    r"|more) question\b.{0,60}",
    r"(?:the )?(?:lady|gentleman|colleague|man|woman)\b.{0,20}\b(?:in the|at the|on the|over there|with the)\b.{0,40}",
    r"(?:this|that) (?:concludes|brings us to the end)\b.{0,60}|(?:thank you|thanks)(?: (?:very|so) much)?(?:,? all"
    r"|,? everyone)?",
    # Whom it is given to, by name: «With that, Matt – sorry, Lena, go ahead.»
    rf"(?:(?:and|so|now|yes|ok|okay|all right|with that)[ ,]+)*(?:(?:{_CAPITAL}|sorry|then|next"
    rf"|first)(?:,? [–—-])?[ ,]+)"
    r"{1,6}(?:go ahead|over to you|you have the floor|your question|you(?:['’]re| are) (?:next|up))(?:,? please)?",
    rf"(?:(?:herr|frau|monsieur|madame|señora?|senhora?|господин|госпожа)? ?{_CAPITAL}[ ,]+){{1,4}}(?:bitte(?: schön)?"
    r"|allez-y|je vous en prie|à vous|adelante|prossiga|faça favor|пожалуйста|вам слово)",
    rf"(?:bitte(?: schön)?|allez-y|à vous|adelante|prossiga|пожалуйста)(?:,? (?:herr|frau|monsieur|madame|señora?"
    rf"|senhora?|{_CAPITAL})){{1,4}}",
    r"(?:please,? )?go ahead(?:,? please)?|(?:yes,? )?please|over to you\b.{0,30}|you have the floor",
)
# How those in a call make sure that they are heard.
_SOUND = _compile(
    r"(?:(?:hello|hi|hey|yes|yep|yeah|no|so|okay|ok|all right|good (?:morning|afternoon|evening)|everyone"
    r"|everybody)[,.!]? )*"
    r"(?:(?:can|could) (?:everyone|everybody|anyone|anybody|people|you|they|we)(?: all| both| guys)? (?:hear"
    r"|see) (?:me|us"
    r"|you|my (?:screen|slides)|it)(?: (?:okay|ok|all right|now|well|clearly|fine))?|(?:i|we) can (?:hear"
    r"|see) you\b.{0,20}"
    r"|(?:you(?:['’]re| are)|i(?:['’]m| am)|am i|are you)(?: still)? (?:on mute|muted|breaking up|frozen|audible"
    r"|unmuted)"
    r"|is (?:this (?:thing )?|my (?:mike|mic|microphone) )on|loud and clear|is everyone here)",
    r"(?:(?:hallo|ja|so|guten (?:morgen|tag|abend)),? )*(?:(?:können|könnt|hören|hört|kannst) (?:sie|ihr|mich|alle"
    r"|du)\b.{0,20}"
    r"|(?:sie sind|du bist) (?:noch )?(?:stumm|gut zu hören)\b.{0,20}|(?:klar und deutlich|laut und deutlich))",
    r"(?:(?:bonjour|oui|allô),? )*(?:vous m['’]entendez|(?:est-ce qu['’]?(?:on|vous) m['’]entende?z?)"
    r"|on vous entend)(?: (?:très )?bien| tous)?",
    r"(?:(?:hola|sí|buenos días|a ver),? )*¿?(?:me (?:escuchan|oyen|escuchas|oyes)|se (?:me )?(?:escucha|oye))"
    r"(?: (?:bien|todos|perfecto|perfectamente))*",
    r"(?:(?:olá|sim|bom dia),? )*(?:(?:vocês )?(?:conseguem|estão a|podem) (?:me )?ouvir(?:-me)?|me ouvem)(?: bem)?",
    r"(?:(?:здравствуйте|да|алло|коллеги),? )*(?:(?:меня )?(?:хорошо )?слышно(?: меня)?|вы меня слышите)(?: хорошо)?",
)
_PAUSE = _compile(
    r"(?:and )?(?:we|i)(?:['’]ll| will|['’]re going to| are going to) (?:be (?:right )?back|take a (?:short "
    r"|quick )?break"
    r"|return)\b.{0,60}",
    r"(?:and )?(?:stay (?:with us|tuned)|don['’]t go away|more after the break|back in a (?:moment|minute))\b.{0,40}",
    r"(?:when we (?:come back|return)|coming up|after (?:the|this) break|still to come)\b.{0,100}",
    rf"(?:this|today['’]s|the|our) {_SHOW}(?: (?:is|was))? (?:sponsored|supported|brought|made possible"
    rf"|funded)\b.{{0,120}}",
    r"(?:support|funding) for\b.{0,60}\bcomes from\b.{0,100}|(?:and )?now,? a word from our sponsors?\b.{0,40}",
    r"(?:just )?use (?:the |my |our |promo |discount |offer )*code\b.{0,100}|.{0,80}\b(?:promo|discount"
    r"|offer) code\b.{0,80}",
    r"(?:just )?(?:go to|visit|head to) \S+\.\w{2,}\S*.{0,80}",
    r"(?:(?:if you (?:like|liked|enjoy|enjoyed)|please|don['’]t forget|make sure|remember|be sure|so|and)\b.{0,60})?"
    r"\b(?:subscribe|rate|like and|hit the|leave (?:us )?a (?:review|comment))\b.{0,80}",
    r"(?:you can )?(?:find|get|listen to|follow|watch) (?:us|the show|this|all|more|our)\b.{0,60}\b(?:podcasts?"
    r"|episodes?|app"
    r"|youtube|website)\b.{0,40}|.{0,60}\bwherever you (?:get|listen|find)\b.{0,40}",
)
_MADE = r"(?:produced|hosted|presented|edited|mixed|recorded|engineered|written|directed|reported)"
_CREDIT = _compile(
    rf"{_TITLE} (?:is|was) {_MADE}(?:,? (?:and )?{_MADE})* (?:by|at) {_CAPITAL}.{{0,140}}",
    rf"(?:this|today['’]s|our) {_SHOW} (?:is|was) {_MADE}\b.{{0,140}}",
    r"(?:(?:our|the|my) )?(?:(?:theme|original|executive|senior|sound|supervising|associate) )*(?:music|editors?"
    r"|producers?"
    r"|sound designers?|engineers?|sound design|mixing|fact[- ]check\w*|artwork)(?: (?:is|was|are|were|comes))?"
    rf"(?: (?:by|from))? (?:the )?{_CAPITAL}.{{0,80}}|(?:additional production|special thanks)\b.{{0,80}}",
)
_MAKER = _compile(
    r"(?:(?:closed )?(?:captions|captioning|subtitles|subtitling)|captioned|subtitled|translated|translation"
    r"|transcribed"
    r"|transcript|synchroni[sz]ed|sync|timed|timing|corrections?|ripped|encoded)(?:(?:,| and"
    r"|,? &) \w+){0,3}\s*(?:by\b|:)\s*\S.{0,80}",
    r"(?:untertitel\w*|übersetzung)(?: (?:im auftrag|von|durch|der)|:)\s*\S.{0,80}"
    r"|(?:sous-titr\w+|traduction)\s*(?::|par|de)\s*\S.{0,80}"
    r"|(?:subtítulos|subtitulado|traducción|traducido)\s*(?::|por|de)\s*\S.{0,80}|(?:субтитры|перевод"
    r"|редактор)\b.{0,60}",
    r"(?:https?://|www\.)\S+",
)
# Words of which a turn consists that was broken off before it said anything: «Let me – yeah.»
_FALTERING = frozenset(
    re.findall(
        r"\S+",
        "let me if i i'm may can could just but and so well yeah yes no sorry wait hold on a second one moment go"
        " finish"
        " ok okay right look listen uh um you please the what is it that's all that was aber und ich also ja nein"
        " moment"
        " entschuldigung lassen sie mich kurz darf bitte mais et je oui non pardon attendez laissez-moi alors si pero"
        " y yo sí perdón espere déjeme bueno mas e eu sim não desculpe espere deixe-me но а я да нет извините"
        " подождите ну"
        " можно позвольте минуту простите",
    )
)
_BROKEN_OFF = re.compile(r"\w[,.]?\s?(?:[–—]|--|-(?=\s|$)|…|\.\.\.)")
_FEW = 8  # words of such a turn
_BOUNDARY = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\b[A-Z])[.!?…]+[\"”»’)]*\s+(?=[\"“«(]?[^\W_a-z])")


def judge_formulas(layout: Layout, i: int) -> str:
    """Return the reason to drop a turn whose every sentence is a formula of hosts, empty where one says something.

    Prose that nobody speaks is left alone.
    """
    block = layout.blocks[i]
    if block.size > _LONGEST or not (layout.spoken or i in layout.speakers or split_speaker(block.text)[0]):
        return ""
    said = strip_label(block.text)
    if _falters(said):
        return "procedure"
    return _name_reason(said, min(i, len(layout.blocks) - 1 - i) < _EDGE)


def _falters(said: str) -> bool:
    words = [word.casefold().replace("’", "'") for word in find_words(said)] if _BROKEN_OFF.search(said[:90]) else []
    return 0 < len(words) <= _FEW and all(word in _FALTERING for word in words)


def _name_reason(said: str, at_edge: bool) -> str:
    reasons = set()
    for sentence in _BOUNDARY.split(said.strip()):
        bare = sentence.strip().rstrip(".!?… ")
        if at_edge and (_CREDIT.match(bare) or _MAKER.match(bare)):
            reasons.add("credit")
        elif _PAUSE.match(bare):
            reasons.add("subscription")
        elif _SOUND.match(bare) or _MODERATOR.match(bare) or _GREETING.match(bare) or _CLOSING.match(bare):
            reasons.add("courtesy")
        else:
            return ""
    return next((reason for reason in ("subscription", "credit", "courtesy") if reason in reasons), "")


def is_greeting(text: str) -> bool:
    """Tell words of which a show begins, a speaker's name before them or not."""
    said = strip_label(text).strip().rstrip(".!?… ")
    return len(said) <= _LONGEST and all(_GREETING.match(part.rstrip(".!?… ")) for part in _BOUNDARY.split(said))


def is_closing(text: str) -> bool:
    """Tell a line by which a show ends or that says who made its captions."""
    said = strip_label(text).strip().rstrip(".!?… ")
    return any(pattern.match(said) for pattern in (_CLOSING, _MAKER, _PAUSE))
