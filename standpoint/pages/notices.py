"""Words by which publishers say for what and to whom their text is given, and where to ask for more."""

from __future__ import annotations

import re

_TEXT = (
    r"(?:bulletins?|documents?|newsletters?|digests?|translations?|summar(?:y|ies)|publications?|e-?mails?"
    r"|messages?|reports?"
    r"|materials?|transcripts?|notes?|briefings?|updates?|pages?|services?|releases?|records?|contents?|texts?"
    r"|information)"
)
_PERMISSION = r"(?:permission|consent|authori[sz]ation|licen[cs]e|agreement)"
# What a text is, and is not, and what may be done with it; no outlet says so of anybody else's.
TERMS = re.compile(
    rf"\W*(?:(?:this|these|the|our) (?:\w+ ){{0,3}}?{_TEXT} (?:is|are|has been|have been|was"
    rf"|were) (?:\w+ ){{0,3}}?(?:issued"
    r"|provided|published|distributed|intended|supplied|circulated|prepared|made available|sent)\b"
    r".{0,60}\b(?:for|as)\b.{0,40}\b(?:information|reference|convenience|guidance|internal use)\b"
    r"(?: purposes?)?(?: only)?(?:$|[.;,]| and\b)"
    rf"|(?:this|these|the|our) (?:\w+ ){{0,3}}?{_TEXT} (?:do|does) not constitute (?:an? |any )?(?:official|legal"
    rf"|binding|formal"
    r"|investment|financial|offer|advice)"
    r"|(?:for|not for) (?:information|reference|internal use)(?: purposes)? only\b.{0,60}$"
    r"|[^.]{2,120}\b(?:may|must|can|shall) not be (?:(?:copied|stored|forwarded),? (?:or )?)?re(?:distributed"
    r"|published|produced"
    r"|printed|written|transmitted|broadcast|sold|posted|used)\b.{0,80}\b(?:without|except with)\b.{0,60}\b"
    rf"{_PERMISSION}\b"
    r"|(?:any )?(?:unauthori[sz]ed )?(?:reproduction|redistribution|republication|re-?transmission"
    r"|copying)\b.{0,80}\b(?:is"
    rf" (?:strictly )?(?:prohibited|forbidden)|(?:without|requires)\b.{{0,60}}\b{_PERMISSION})\b"
    r"|(?:dieser?s?|der|die|das) [\w-]+ (?:dient|dienen) (?:nur|lediglich|ausschließlich|allein) (?:der"
    r"|zur) \w*information\b"
    r"|[^.]{2,120}\b(?:darf|dürfen) (?:nicht ohne|nur mit)\b.{0,60}\b(?:genehmigung|zustimmung|erlaubnis"
    r"|einwilligung)\b.{0,60}"
    r"\b(?:weiter\w+|vervielfältigt|nachgedruckt|veröffentlicht|verwendet)\b"
    r"|(?:le|la|ce|cet|cette) (?:présente? )?[\w-]+ (?:est|sont) (?:\w+ )?(?:fournie?|publiée?|diffusée?"
    r"|donnée?)s? (?:à titre"
    r" (?:purement |seulement )?(?:d['’]information|informatif|indicatif)|pour information)\b"
    r"|[^.]{2,120}\bne (?:peut|peuvent|doit) être (?:reproduit|redistribué|rediffusé|republié|diffusé"
    r"|transmis)\w*\b.{0,60}\bsans\b"
    r".{0,60}\b(?:autorisation|accord|permission)\b"
    r"|(?:el|la|este|esta) (?:presente )?[\w-]+ (?:se (?:publica|emite|difunde|distribuye|ofrece)"
    r"|tiene carácter)\b.{0,30}"
    r"\b(?:informativ[oa]s?|título informativo|información)\b"
    r"|[^.]{2,120}\bno (?:puede|pueden|podrá|podrán) (?:ser )?(?:re)?(?:reproduc|distribu|public|difund"
    r"|transmit)\w*\b.{0,60}"
    r"\bsin\b.{0,60}\b(?:autorización|permiso|consentimiento)\b"
    r"|(?:o|a|este|esta) (?:presente )?[\w-]+ (?:tem caráter|destina-se|é (?:fornecid|publicad)[oa])\b.{0,40}"
    r"\binformati(?:vo|va|vos)\b"
    r"|[^.]{2,120}\bnão (?:pode|podem) ser (?:reproduz|redistribu|republic"
    r"|difund)\w*\b.{0,60}\bsem\b.{0,60}\b(?:autorização"
    r"|permissão|consentimento)\b"
    r"|(?:настоящ\w+|данн\w+|этот|эта) [\w-]+ (?:публикуется|предоставляется|распространяется"
    r"|носит)\b.{0,60}\b(?:информационн\w+"
    r"|ознакомительн\w+)\b"
    r"|[^.]{2,120}\bне (?:может|могут|подлежит|подлежат) (?:быть )?(?:воспроизв|распростран|перепеча"
    r"|опубликов)\w*\b.{0,60}"
    r"\bбез\b.{0,60}\b(?:разрешени|согласи)\w+)",
    re.IGNORECASE,
)
# Whom to call for what; a number or an address follows.
HELP = re.compile(
    r"\b(?:for|with) (?:[\w-]+ ){0,4}(?:requests?|enquir(?:y|ies)|inquir(?:y|ies)|information|assistance|bookings?"
    r"|queries"
    r"|questions|corrections|complaints|interviews)\W{0,2}(?:please |you can )?(?:call|phone|ring|dial|e-?mail"
    r"|contact|write to"
    r"|text|reach)\b.{0,60}(?:\d{3}|@)"
    r"|\b(?:bei|für) (?:[\w-]+ ){0,4}(?:fragen|anfragen|rückfragen|auskünfte"
    r"|informationen)\W{0,2}(?:bitte )?(?:rufen|wenden"
    r"|schreiben|wählen|erreichen)\b.{0,60}(?:\d{3}|@)"
    r"|\bpour (?:[\w'’-]+ ){0,4}(?:renseignements?|informations?|questions?|demandes?)\W{0,2}(?:appele[zr]"
    r"|contacte[zr]|écri\w+"
    r"|composez)\b.{0,60}(?:\d{2}|@)"
    r"|\bpara (?:[\w-]+ ){0,4}(?:información|informações|consultas|solicitudes|preguntas|pedidos)\W{0,2}(?:llam\w+"
    r"|contact\w+"
    r"|escrib\w+|ligue|escreva)\b.{0,60}(?:\d{3}|@)"
    r"|\b(?:по вопросам|за справками|за информацией)\b.{0,60}\b(?:звоните|обращ\w+|пишите)\b.{0,60}(?:\d{3}|@)",
    re.IGNORECASE,
)
# Who took a picture, behind what it shows.
SOURCE = re.compile(
    r"(?:^|(?<=[.!?»”\")|–—-]) )\(?(?:(?:bild|foto|film|grafik|karten)?quelle|bild(?:rechte|nachweis)|foto(?:nachweis)?"
    r"|(?:source|crédits?) (?:de la )?(?:photo|image|illustration)s?|(?:photo|image) source|sources?|photos?|fotos?"
    r"|fuente"
    r"|(?:fuente|fonte) de la (?:foto|imagen)|crédito|fonte|источник(?: фото)?|фото)\s*: ?[^\s.,;][^.!?;]{1,58}\)?$",
    re.IGNORECASE,
)
# The headline of a day's agenda.
AGENDA = re.compile(
    r"(?:.{0,60}[^\w])?(?:order paper|notice paper|business paper|orders? of (?:business|the day)|(?:draft "
    r"|provisional )?agenda"
    r"|(?:daily )?(?:programme|program) of (?:business|work|the day)|(?:vorläufige )?tagesordnung|ordre du jour"
    r"|feuilleton"
    r"|orden del d[ií]a|ordem do dia|повестка дня)(?:[^\w].{0,60})?$",
    re.IGNORECASE,
)
