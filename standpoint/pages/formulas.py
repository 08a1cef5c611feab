"""Words of set phrases: closing clauses of resolutions and notes, last lines of letters, labels of sponsors."""

from __future__ import annotations

import re


def _compile(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE)


# A clause by which an assembly refers to its own rules, or tells its president to send the text on.
CLAUSE = _compile(
    r"having regard to (?:rules?|articles?)\b.{1,60}\bof (?:its|the|their)\b.{0,60}\brules of procedure\b.{0,40}$",
    r"(?:gestützt auf|unter hinweis auf)\b.{1,80}\b(?:seiner|ihrer|der)\b.{0,40}\bgeschäftsordnung\b.{0,40}$",
    r"vue? (?:l['’]|les |le )?(?:articles?|règles?)\b.{1,80}\bde (?:son|leur) règlement(?: intérieur)?\b.{0,40}$",
    r"vist[oa]s? (?:el|los|la)? ?(?:artículos?|reglas?)\b.{1,80}\bde su reglamento\b.{0,40}$",
    r"(?:tendo em conta|visto)\b.{0,6}\b(?:artigos?|regras?)\b.{1,80}\bdo seu regimento\b.{0,40}$",
    r"(?:принимая во внимание|учитывая|руководствуясь|исходя из)\b.{0,60}\b(?:правил|регламент)\w*\b.{0,40}"
    r"\b(?:процедуры|регламента)\b.{0,30}$",
    r"(?:instructs|requests|directs|asks) (?:its|the|their) (?:president|speaker|chair\w*|secretar\w+(?:[ -]general)?"
    r"|bureau|clerk|rapporteur)\b.{0,40}\bto (?:forward|transmit|convey|send|communicate)\b.{0,40}"
    r"\b(?:resolution|recommendation|decision|declaration|text|opinion|report)\b",
    r"beauftragt (?:seine?n?|ihre?n?|die|den) (?:präsident|vorsitzend|generalsekretär)\w*\b.{0,60}"
    r"\b(?:entschließung|empfehlung|beschluss|erklärung|resolution)\b.{0,400}\b(?:übermitteln|zuzuleiten"
    r"|weiterzuleiten)\b",
    r"charge (?:sa|son|la|le) (?:présidente?|secrétaire)\b.{0,40}\b(?:transmettre|communiquer|faire parvenir)\b.{0,30}"
    r"\b(?:résolution|recommandation|décision|déclaration)\b",
    r"(?:encarga|pide|solicita) a(?: su|l| la)? (?:president|secretari)\w+\b.{0,40}\b(?:transmita|remita"
    r"|comunique)\b.{0,30}"
    r"\b(?:resolución|recomendación|decisión|declaración)\b",
    r"encarrega [oa] (?:seu |sua )?(?:president|secretári)\w+\b.{0,60}\b(?:resolução|recomendação|decisão"
    r"|declaração)\b",
    r"(?:поручает|просит) (?:сво\w+ )?(?:председател|секретар|генеральн)\w+\b.{0,60}\b(?:препроводить|направить"
    r"|передать)\b"
    r".{0,30}\b(?:резолюци|рекомендаци|решени|заявлени)\w+",
)
# How a diplomatic note or a letter ends.
ASSURANCE = _compile(
    r".{0,120}\b(?:avails? (?:itself|himself|herself|myself|themselves)|takes? (?:this|the) opportunity)\b.{0,240}"
    r"\b(?:assurances?|expression)\b.{0,40}\b(?:consideration|esteem|respect)\b",
    r"(?:please )?accept\b.{0,80}\bassurances? of (?:my|our|its)\b.{0,40}\b(?:consideration|esteem|respect)\b",
    r".{0,120}\b(?:benutzt|nutzt|nimmt)\b.{0,40}\b(?:anlass|gelegenheit)\b.{0,200}\b(?:hochachtung|wertschätzung)\b",
    r"(?:genehmigen|empfangen) sie\b.{0,100}\b(?:hochachtung|wertschätzung)\b",
    r".{0,120}\b(?:saisit|saisis|saisissent|profite)\b.{0,40}\boccasion\b.{0,200}\b(?:assurances?|expression)\b.{0,40}"
    r"\b(?:considération|estime|respect)\b",
    r"(?:veuillez|je vous prie)\b.{0,80}\b(?:assurances?|expression) de (?:ma|notre|mes|nos)\b.{0,60}$",
    r".{0,120}\baprovecha\w* (?:la|esta)\b.{0,200}\b(?:seguridades|testimonio|expresión)\b.{0,60}\bconsideración\b",
    r".{0,120}\baproveita\w* (?:a|esta)\b.{0,200}\b(?:protestos|expressão)\b.{0,60}\bconsideração\b",
    r".{0,120}\bпользу\w+ (?:\w+ )?(?:случаем|возможностью)\b.{0,200}\bуверени\w+\b.{0,60}\bуважени\w+",
)
# The last line of a letter, or its first, that says nothing else.
LETTER = _compile(
    r"(?:i(?:['’]m| am)|we(?:['’]re| are))? ?(?:very |always |more than )?happy to (?:discuss|chat|talk|help|elaborate"
    r"|explain|answer (?:any )?questions)\b(?: \w+){0,5}\W*$",
    r"(?:please |do |just )*(?:let (?:me|us) know|give (?:me|us) a (?:call|shout|ring)|shout)(?:,? (?:if|whether|what"
    r"|how"
    r"|should) (?:you|this|that|it|there)\b.{0,70})?\W*$",
    r"(?:please )?(?:do not|don['’]t|feel free)\b.{0,12}\b(?:hesitate )?to (?:contact|call|write|reach|ask"
    r"|get in touch|ring)"
    r"\b.{0,60}$",
    r"(?:i |we )?(?:look|am looking|are looking|looking) forward to (?:hearing|your|seeing|meeting|speaking|talking)\b"
    r".{0,50}$",
    r"(?:i |we )?hope (?:this|that|you|all|everyone)\b(?: (?:e-?mail|message|note|letter))?(?: (?:helps|is useful"
    r"|finds you"
    r"|are|is|have|had))\b.{0,40}$",
    r"(?:any|if you have(?: any)?|with any|for any) (?:further )?questions?,? (?:please |just )?(?:let|call|ask|give"
    r"|shout"
    r"|e-?mail|write|contact|get|i)\b.{0,50}$",
    r"(?:more|speak|talk|back to you) (?:soon|later|tomorrow|shortly)\W*$|(?:please )?see (?:below|attached"
    r"|above)\W*$|fyi\W*$",
    r"(?:bei|für) (?:\w+ )?(?:rück)?fragen\b.{0,40}\b(?:melde|verfügung|erreichbar|gern)\w*\b.{0,30}$"
    r"|(?:ich|wir) freuen? (?:mich|uns) auf (?:ihre|eure|deine|die)\b.{0,40}$|ich hoffe,? (?:es geht|ihnen|dir"
    r"|euch)\b.{0,40}$"
    r"|(?:ich|wir) (?:stehe|stehen) (?:ihnen )?.{0,40}\bzur verfügung\W*$|gern(?:e)? (?:auch )?telefonisch\b.{0,20}$",
    r"n['’]hésite[zs]? pas à\b.{0,60}$|(?:je|nous) (?:reste|restons)\b.{0,40}\bdisposition\b.{0,40}$"
    r"|dans l['’]attente de\b.{0,50}$|(?:j['’]|nous )esp[éè]r\w+ que (?:vous|tu)\b.{0,20}\bbien\b.{0,20}$",
    r"(?:quedo|quedamos) (?:a|en|pendiente)\b.{0,60}$|no dude en\b.{0,60}$|espero que (?:se|te|estés"
    r"|esté)\b.{0,30}\bbien\W*$",
    r"(?:fico|ficamos) (?:à|ao|no)\b.{0,50}$|não hesite em\b.{0,60}$|espero que (?:esteja|estejas)\b.{0,20}\bbem\W*$",
    r"(?:буду|будем) рады? (?:обсудить|ответить|помочь)\b.{0,40}$|(?:готова?|готовы) (?:обсудить|ответить)\b.{0,40}$"
    r"|(?:жду|ждём|ждем) (?:вашего|твоего|ваш\w*|ответа)\b.{0,30}$|если (?:\w+ )?(?:будут|есть"
    r"|возникнут) вопросы\b.{0,50}$"
    r"|надеюсь,? у (?:вас|тебя) вс[её]\b.{0,20}$",
)
# What a sender who pays has set in, by its label.
SPONSOR = re.compile(
    r"[\W_]*(?P<label>sponsored(?: (?:content|post|by|message))?|advertisement|advertorial|paid (?:post|content|for by"
    r"|partnership)|promoted(?: by)?|partner content|(?:a )?(?:message|word) from (?:our|today['’]s"
    r"|this week['’]s) (?:sponsor"
    r"|partner)s?|(?:brought to you|presented) by|anzeige|werbung|gesponsert(?: von)?|publicité|contenu sponsorisé"
    r"|sponsorisé"
    r"(?: par)?|publicidad|patrocinado(?: por)?|contenido patrocinado|publicidade|conteúdo patrocinado|реклама"
    r"|на правах рекламы"
    r"|партн[её]рский материал)\s*(?P<mark>[*_:|\]–—>-]|$)",
    re.IGNORECASE,
)
# «Enjoying the letter? Forward it to a friend.»
PASS_ON = _compile(
    r"(?:(?:are you |do you )?(?:enjoy|lik|lov)(?:ing|ed|e)?\b[^.!?]{0,60}\?|did you (?:like|enjoy)\b[^.!?]{0,60}\?"
    r"|know (?:someone|anyone|somebody)\b[^.!?]{0,60}\?|[^.!?]{0,40}\bgef(?:ällt|allen)\b[^.!?]{0,40}\?"
    r"|vous (?:aimez|avez aimé)\b[^.!?]{0,60}\?|¿(?:te|le) (?:ha )?gust\w+\b[^.!?]{0,60}\?"
    r"|(?:вам )?понравил\w+\b[^.!?]{0,60}\?"
    r"|gostou\b[^.!?]{0,60}\?)\W{0,3}(?:\w+ ){0,3}?(?:share|forward|tell|send|pass|recommend|support|subscribe|sign"
    r"|leiten"
    r"|empfehlen|teilen|partage[zr]|transf[ée]re[zr]|recommande[zr]|comp[aá]rt\w+|reenv\w+|recom\w+|подели\w+"
    r"|перешли\w+"
    r"|рекоменд\w+|compartilhe|encaminhe)\b",
    r"(?:please )?(?:forward|send|pass) (?:it|this|us)\b.{0,40}\b(?:friends?|colleagues?|someone|anyone)\b",
    r"(?:leiten|empfehlen) sie (?:uns|diese\w*|ihn|sie)\b.{0,60}\bweiter\b|(?:transférez|partagez)\b.{0,40}\b(?:amis?"
    r"|collègues?)\b"
    r"|(?:reenv[ií]|compart)\w+\b.{0,40}\bamig\w+|(?:перешлите|поделитесь)\b.{0,40}\b(?:друз|коллег)\w+"
    r"|(?:encaminhe|compartilhe)\b.{0,40}\bamig\w+",
)
# The title of a figure or a table, and what it was drawn from.
FIGURE = re.compile(
    r"(?:figure|fig\.|table|chart|graph|map|box|exhibit|plate|abbildung|abb\.|tabelle|tab\.|karte|grafik|schaubild"
    r"|graphique"
    r"|tableau|carte|encadré|figura|gráfico|cuadro|tabla|mapa|quadro|tabela|рисунок|рис\.|таблица|табл\.|график|карта"
    r"|диаграмма)\s?(?:\d{1,3}|[A-Z]|[IVX]{1,5})(?:[.-]\d{1,2})?[a-z]?\s?(?:[.:|–—]|\s-)\s*\S",
    re.IGNORECASE,
)
SOURCE = re.compile(r"\W*(?:(?:data )?sources?|quellen?|fuentes?|fontes?|источники?)\s*:\s*\S", re.IGNORECASE)
