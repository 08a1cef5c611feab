"""Words by which a meeting is kept in order: what chairs ask of the room, what clerks read out, who moved what."""

from __future__ import annotations

import re


def _compile(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE)


_ROOM = (
    r"(?:folks|everyone|everybody|colleagues|members|ladies and gentlemen|people|guys|friends|senators|councillors"
    r"|councilors|hon(?:ourable|orable|\.)? members)"
)
_SO = r"(?:(?:okay|ok|all right|alright|right|so|now|and|well|next),? )*"
_COUNT = r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[a-z]?"
_DOCUMENT = (
    r"(?:(?:proposed|draft|joint|house|senate|council) )*(?:resolution|ordinance|bill|motion|by-?law|petition|act|file"
    r"|communication|proclamation|order|antrag|drucksache|vorlage|projet de loi|proposition de loi|proyecto de ley"
    r"|moción"
    r"|законопроект|проект закона|projeto de lei)"
)
_SITTING = (
    r"meeting|sitting|session|hearing|house|council|committee|subcommittee|senate|assembly|court|board|commission"
)
_SEAT = (
    r"(?-i:[^\W\d_a-z][\w'’.—–-]*(?:(?: |, )(?:[^\W\d_a-z][\w'’.—–-]*|and|of|the|de|du|des|la|le|les|et|upon|on|in))*)"
)
# A sentence by which a chair keeps the room in order; alone it is no statement.
ORDER = _compile(
    r"(?:[\w.'’-]+(?: [\w.'’-]+)?, )?(?:please )?(?:would|could|can|will) (?:you|the (?:clerk|secretary|registrar"
    r"|usher))(?: please| kindly)? (?:read|call|take|announce|swear|bring|show|put|state)\b"
    r".{0,30}\b(?:in|out|it|roll|title|item|witness|vote|oath|resolution|record|please)\b.{0,30}$",
    rf"{_SO}(?:we['’]re|we are|we come|we move|we go|(?:that|this|which) (?:brings|takes|leads) us|moving|turning)"
    rf"(?: now)? (?:on|at|to|on to|onto|up to) (?:(?:the )?(?:agenda )?(?:item|number|point|no\.?)s? )?{_COUNT}$",
    rf"(?:{_ROOM},? )?please(?:,? {_ROOM})?$",
    rf"(?:{_ROOM},? )?(?:please,? )?(?:hold|keep|refrain from|withhold|silence|stop|lower|save|no)(?: (?:the|your|any"
    rf"|all"
    r"|more|further))* (?:applause|noise|voices?|clapping|conversations?|phones?|mobiles?|interruptions?|shouting"
    r"|outbursts?"
    r"|heckling|it down|quiet|order)\b.{0,40}$",
    r"(?:please )?(?:settle down|quiet(?: down)?|be quiet|silence|order|take your seats?|rise|stand|be seated"
    r"|remain seated)"
    r"(?:,? please)?(?:,? (?:in the (?:room|gallery|chamber|court)|everyone|all))?(?:,? please)?$",
    r"(?:the )?(?:wind(?:ing)?-?ups?|wind-?up speeches|winding-up speeches|front benches|opening speeches"
    r"|closing speeches"
    r"|debate|votes?|voting|division|sitting|meeting|session|speeches|questions|hearing)(?: \w+)? (?:will|must|shall"
    r"|should"
    r"|is to|are to|has to|have to) (?:begin|start|commence|end|conclude|finish|resume|close|continue|take place)"
    r"(?: (?:at|by|around|no later than|from|until|in|on|after)\b.{0,60})?$",
    r"(?:there (?:is|will be)|i (?:am |now |will |must |shall |have to )*(?:impos\w+|set(?:ting)?|reduc\w+"
    r"|introduc\w+))"
    r" .{0,40}\blimit\b.{0,60}$",
    r"ich bitte (?:sie |alle )?(?:herzlich |nochmals )*um (?:ruhe|aufmerksamkeit|ordnung|etwas ruhe"
    r"|mehr ruhe)\b.{0,40}$"
    r"|(?:bitte )?(?:nehmen sie|setzen sie sich|erheben sie sich)\b.{0,20}$|(?:ruhe|bitte ruhe|ruhe bitte|zur ordnung)$"
    r"|wir (?:sind|kommen) (?:nun |jetzt )?(?:bei|zu) (?:tagesordnungspunkt|punkt|top) .{1,10}$"
    r"|.{0,40}\bbeifalls\w*\b.{0,40}\b(?:unterlassen|untersagt|nicht gestattet)\b.{0,20}$",
    r"(?:un peu de |du )?(?:silence|calme)(?:,? (?:s['’]il vous plaît|je vous prie))?$"
    r"|s['’]il vous plaît(?:,? .{2,30})?$"
    r"|veuillez (?:vous asseoir|vous lever|garder le silence|écouter l['’]orat\w+)\b.{0,20}$"
    r"|nous (?:en )?sommes au point .{1,10}$",
    r"(?:guarden|ruego|pido)? ?(?:silencio|orden)(?:,? por favor)?$|por favor(?:,? .{2,30})?$|tomen asiento\b.{0,20}$"
    r"|estamos en el punto .{1,10}$",
    r"(?:peço |pede-se )?(?:silêncio|ordem)(?:,? por favor)?$|queiram sentar-se$|estamos no ponto .{1,10}$",
    r"(?:потише|тише|тишина)(?:,? пожалуйста)?$|прошу (?:тишины|садиться|встать|соблюдать (?:тишину|порядок))\b.{0,20}$"
    r"|переходим к (?:пункту|вопросу) .{1,12}$",
    rf"i (?:now |hereby |will |shall )*call (?:the |this |our )?(?:[\w-]+ ){{0,3}}?(?:{_SITTING}) (?:back )?to order$"
    r"|(?:i )?(?:note|recogni[sz]e|see) (?:that )?(?:the presence of )?a quorum\b.{0,30}$"
    r"|i beg (?:leave )?to move(?: that)?$|i (?:so )?move$|i beg to second\b.{0,30}$",
    r"(?:all |the )?(?:allotted |remaining )?time (?:(?:allotted |allowed |provided |set aside |available )?(?:for"
    r"|to)\b"
    r" .{1,60} )?(?:has|is)(?: now)? (?:expired|up|over|elapsed|been exhausted|yielded back)$",
    r"pursuant to\b.{0,160}\b(?:the )?(?:unfinished|pending|remaining|next|first) business (?:is|before)\b.{0,200}$",
    # Whom a chair calls by seat: «The hon. member for Port Aster.»
    r"(?:the |l['’])?(?:right )?(?:hon(?:ou?rable)?\.? )?(?:the )?(?:member|gentle(?:man|woman|lady)|senator|lady"
    rf"|representative|députée? |deputy) ?(?:for|from|de|du|d['’]) ?{_SEAT}$",
    r"(?:la (?:période|discussion|séance)|le temps|l['’]heure)\b.{0,60}\b(?:est|sont)(?: maintenant)? (?:terminée?s?"
    r"|écoulée?s?|expirée?s?|épuisée?s?)$",
    r"(?:für|zur|zu|als|nun)\b.{0,80}\b(?:erteile|gebe) ich\b.{0,80}\bwort$|bitte(?: schön| sehr)?$"
    r"|die (?:frage|rede)(?:zeit|stunde) ist (?:um|beendet|abgelaufen|zu ende)$",
    r"(?:el tiempo|el turno)\b.{0,60}\b(?:ha (?:concluido|terminado|expirado)|se ha agotado)$"
    r"|(?:o tempo|o período)\b.{0,60}\b(?:terminou|esgotou-se|está esgotado)$"
    r"|(?:время|регламент)\b.{0,60}\b(?:истекло|вышло|закончилось|исчерпан\w*)$",
)
# Whose words keep a meeting in order.
CHAIR = _compile(
    r"(?:(?:the|madame?|mr|le|la|el|o|a|monsieur|señora?|der|die|herr|frau)\.? )?(?:acting |deputy |vice[- ]|assistant "
    r"|temporary |co-|presiding )*(?:speaker|chair(?:man|woman|person)?|president|präsident(?:in)?|vizepräsident(?:in)?"
    r"|vorsitzende[rn]?|sitzungsleit\w+|présidente?|presidenta?|presidente|председател\w+|председательствующ\w+|clerk"
    r"|officer|moderator(?:in)?|convenor|mayor)\b"
)
# What several shout at once.
INTERJECTION = _compile(
    r"(?:some|several|an?|many|various|other|a few) (?:hon(?:ou?rable|\.)? )?(?:members?|senators?|deputies"
    r"|voices?)\s?:"
    r"|(?:des|une|quelques|plusieurs) (?:voix|députée?s|sénateurs)\s?:|(?:varios|algunos|un) (?:señor(?:es)? )?"
    r"(?:diputad\w+|senador\w*)\s?:|(?:vozes|vários (?:deputados|senhores))\b[^:]{0,20}:"
    r"|(?:голоса?|шум|выкрики?) (?:из|с)\b[^:]{0,20}:"
)
# The title of a document, read out for its reading.
READING = _compile(
    rf"(?:(?:agenda )?item \S{{1,8}} )?(?:the )?{_DOCUMENT}\s*(?:no\.? ?|number |nr\.? ?|n[°º] ?|№ ?)?(?=\S{{0,12}}\d)"
    r"\S{1,20}(?:[,:;.–—-]+ ?| )(?:.{0,200}[, ])?(?:(?:first|second|third|final|1st|2nd|3rd) reading|by title(?: only)?"
    r"|(?:erste|zweite|dritte) (?:lesung|beratung)|(?:première|deuxième|seconde) lecture|(?:primera|segunda) lectura"
    r"|(?:в )?(?:перво|второ|треть)\w+ чтени\w+|(?:primeira|segunda) leitura)\b.{0,40}$"
)
# The same without its reading, where a clerk reads it.
TITLE = _compile(
    rf"(?:(?:agenda )?item \S{{1,8}} )?(?:an? |the )?{_DOCUMENT}\s*(?:no\.? ?|number |nr\.? ?|№ ?)?\d[\w/.-]*"
)
CLERK = _compile(
    r"(?:.{0,40}\b)?(?:clerk|registrar|usher|bailiff|schriftführer\w*|greffi\w+|escribano|secretari[oa] (?:de|del)"
    r"|секретар\w+|escrivã?o?)\b"
)
# A block that tells who moved, seconded or spoke.
EVENT = _compile(
    r"the following (?:[\w-]+ ){0,5}(?:addressed|spoke|appeared|testified|commented|voted|registered|presented"
    r"|submitted|(?:were|was) (?:present|absent|heard|recogni[sz]ed|in attendance|excused|sworn))\b.{0,100}[:.]$",
    r"(?:public )?(?:comments?|testimony|remarks)\b.{0,30}\b(?:was|were) (?:received|heard|given|taken"
    r"|offered)\b.{0,160}$",
    r"(?:motion|moved|second|seconded|offered|introduced)(?: was)?(?: made| offered)? by:?\s",
    r"(?:it was )?moved (?:and seconded|that\b.{0,200}\bseconded)\b|on (?:a |the )?motion (?:of|by|made by)\b.{0,200}$",
    r"[\w.'’ -]{2,60}\b(?:moved|made a motion|offered a motion)\b.{0,200}\bseconded\b.{0,80}$",
    r"(?:auf|über) antrag (?:von|des|der)\b.{0,200}\b(?:beschlossen|beschließt|vertagt|abgestimmt|angenommen"
    r"|abgelehnt)\b"
    r"|(?:folgende|nachstehende) (?:\w+ ){0,2}(?:sprachen|ergriffen|meldeten|nahmen)\b.{0,80}:$",
    r"(?:proposé|appuyé|secondé)e? par\b|sur (?:la )?(?:proposition|motion) (?:de|du|d['’])\b.{0,200}$"
    r"|les personnes suivantes\b.{0,80}:$|(?:sont intervenu|se sont exprimé)\w+\b.{0,20}:",
    r"(?:a propuesta|por moción|moción) (?:de|del|presentada por)\b.{0,200}$|las siguientes personas\b.{0,80}:$"
    r"|(?:intervinieron|hicieron uso de la palabra)\b.{0,40}:",
    r"(?:por proposta|proposta|moção) (?:de|do|da|apresentada por)\b.{0,200}$|usaram da palavra\b.{0,40}:",
    r"(?:выступили|слушали|слово взяли)\s*:",
)
