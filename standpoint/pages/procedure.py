"""Words of procedure in records: what happened in the room, and what a chair says to keep the meeting going."""

from __future__ import annotations

import re


def _compile(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE)


_BODY = (
    r"(?:the |an? |this |our )?(?:[\w-]+ ){0,3}?(?:meeting|sitting|session|hearing|house|council|committee"
    r"|commission|senate|assembly"
    r"|chamber|parliament|conference|board|court|debate|proceedings|plenary|panel|congress|delegation|subcommittee)"
)
_DONE = (
    r"(?:adopted|agreed(?: to)?|carried|approved|accepted|rejected|negatived|lost|defeated|withdrawn|passed|tabled"
    r"|seconded|noted"
    r"|resolved(?: in the (?:affirmative|negative))?|confirmed|put(?: to (?:the|a) vote)?|ordered|read|postponed"
    r"|deferred|called|disposed of|declared closed)"
)
_MATTER = (
    r"(?:the |an? |this |that )?(?:[\w().,-]+ ){0,6}?(?:motion|amendments?|resolution|agenda|question|bill|minutes"
    r"|report|order|clauses?"
    r"|decision|draft|schedule|proposal|item|text|record|declaration|communiqué|article|paragraph|recommendation)s?"
    r"(?: [\w/().,-]+){0,6}?"
)
# A block that tells what happened.
EVENT = _compile(
    rf"{_BODY}[^.;]{{0,80}}? (?:was|were|is|stood|then|now|having|again|,)?\s?(?:called to order|opened|convened"
    rf"|resumed|reconvened"
    r"|suspended|adjourned|closed|concluded|rose|met|recessed|began|commenced|ended|sat|divided|stands"
    r"|proceeded to (?:a|the) vote"
    r"|observed|took note|agreed to|went into|resolved itself|moved to|adopted the agenda)\b",
    rf"{_MATTER} (?:was|were|is|are|has been|have been|stands?|be)?(?: then| now| so| duly| unanimously"
    rf"| accordingly)*\s?{_DONE}\b",
    rf"{_MATTER} (?:,|by|on|with)? ?.{{0,80}}\b(?:was|were|has been) {_DONE}\b",
    r"(?:and )?it (?:was|is) so (?:decided|ordered|agreed|resolved)",
    r"question,? (?:put|proposed|again proposed|that|agreed)|question put\b",
    r"(?:leave|bill|motion|amendment|order|debate)\b.{0,60}\b(?:granted|read|agreed to|adjourned|interrupted|resumed"
    r"|presented|introduced|carried|lost|negatived|withdrawn|discharged|put)\b",
    r"a (?:recorded |roll-?call |secret |separate )?(?:vote|ballot|division|show of hands|quorum)\b.{0,40}\b(?:was"
    r"|were|by|is)\b",
    r"(?:a |the )?(?:vote|ballot|division|roll)\b.{0,20}\b(?:was|were|being) (?:taken|called|held|requested"
    r"|conducted)\b",
    r"(?:ayes|noes|yeas|nays|in favou?r|against|abstain(?:ing|ed)?|abstentions?|absent|present|not voting|excused"
    r"|tellers(?: for.*)?|pairs|paired)\s*(?:[:(—–-].*|\d.*)?$",
    r"(?:members present|also present|in attendance|attendance|apologies(?: for absence)?|staff present"
    r"|officials present"
    r"|witnesses|present|chair(?:man|person|ed by)?|secretary|president|members)\s*:(?!\s*\w.*[.!?]$)",
    r"at the invitation of the (?:president|chair\w*|speaker)\b.{0,200}\btook? (?:a |his |her |their )?(?:place|seat)",
    r".{0,80}\b(?:took|resumed|vacated|in) the chair\b",
    r"(?:mr|mrs|ms|madam|the)\b.{0,60}\b(?:in the chair|presiding)\b",
    r"(?:prayers?|pledge of allegiance|roll call|quorum|hansard|proceedings|interruption|division|debate (?:resumed"
    r"|continued|adjourned|interrupted))\b.{0,40}$",
    r"(?:the )?(?:witness|jury|parties|panel|interpreter|defendant|juror)s?\b.{0,40}\b(?:sworn|affirmed|excused"
    r"|withdrew|seated|steps? down|enters?|exits?|leaves?|entered|left)\b.{0,60}$",
    r".{0,160}\b(?:duly sworn|sworn|having been (?:first )?(?:duly )?(?:sworn|affirmed))\b.{0,120}$",
    r"by (?:mr|mrs|ms|the)\b.{0,40}:$",
    r"(?:direct|cross|redirect|recross|further)[- ]?(?:direct|cross)?[- ]?examination\b.{0,40}$",
    r"(?:whereupon|thereupon|on resuming|on division|sitting suspended|house adjourned|meeting adjourned|recess"
    r"|lunch(?:eon)? break|several hon|some hon|an hon|hon(?:ourable|orable)? members|members) ?.{0,60}"
    r"(?:suspended|interject\w*|adjourned|taken|recess\w*|from|until|members?|oh|hear|interrupt\w*).{0,60}$",
    r"(?:exhibit|government's exhibit|plaintiff's exhibit|defendant's exhibit)\b.{0,60}\b(?:marked|admitted"
    r"|received)\b",
    r"(?:the )?(?:vote|voting)\b.{0,20}\b(?:will|shall|is to) (?:take place|be held)\b|written (?:statements"
    r"|declarations)\b.{0,60}$",
    r"(?:adopted|approved|carried|agreed|rejected|negatived|resolved|ordered|applause|laughter)(?: unanimously"
    r"| accordingly| to)?[.,]?$",
    r"held (?:at|in|on)\b.{0,140}\bat \d",
    r"\W*(?:up)?on (?:resuming|reconvening|commencing)\b.{0,60}$",
    r"\W*(?:(?:short|brief|luncheon|lunch|morning|afternoon|evening|overnight|weekend) )?(?:recess|break|adjournment)"
    r"(?: (?:was|is))? (?:taken|called|had|from|until|at)\b.{0,60}$",
    r"\W*whereupon\b.{0,160}$",
    r"(?:in|before) the (?:(?:[A-Z][\w'’-]*|of|for|the|and) ){0,8}(?:court|chamber|tribunal|commission)\b[^.!?]{0,80}$",
    r"(?:the )?(?:question|vote) was taken\b|(?:the )?(?:yeas and nays|roll-?call|vote|division)\b.{0,20}"
    r"\b(?:was|were) (?:ordered|refused|demanded)\b|so (?:the|two-thirds)\b.{0,160}\b(?:was|were|is|are)"
    rf"(?: not)? {_DONE}\b|the result of the vote\b.{{0,60}}\bannounced\b"
    r"|(?:a )?motion to reconsider\b.{0,60}\btable\b|(?:the )?(?:clerk|secretary|registrar) (?:read|will|called"
    r"|proceeded"
    r"|designated|reported)\b|(?:the )?(?:bill|resolution|text|title)\b.{0,80}\b(?:ordered to be|is as follows"
    r"|was read|reads as follows)\b|.{0,60}\bannounced that the (?:ayes|noes|yeas|nays)\b",
    # German
    r"(?:schluss|beginn|ende|unterbrechung|fortsetzung)(?: der sitzung)?\b.{0,40}\d",
    r"die (?:sitzung|beratung|aussprache|abstimmung)\b.{0,60}\b(?:eröffnet|geschlossen|unterbrochen|eröffne|schließe"
    r"|wird um)\b",
    r"(?:der|die|das) (?:antrag|gesetzentwurf|entwurf|änderungsantrag|beschlussempfehlung|tagesordnung)\b.{0,60}"
    r"\b(?:angenommen|abgelehnt|überwiesen|beschlossen|genehmigt)\b",
    # French
    r"(?:la )?(?:séance|réunion|audience)\b.{0,60}\b(?:est|était) (?:ouverte|levée|reprise|suspendue|close)",
    r"\(?(?:la séance|suspension et reprise|l['’]amendement|les amendements|l['’]article|la motion|le projet"
    r"|la proposition)\b.{0,80}\b(?:adoptée?s?|rejetée?s?|retirée?s?|suspendue|levée|reprise|ouverte)\b",
    # Spanish
    r"(?:se (?:abre|levanta|reanuda|suspende|inicia) la (?:sesión|reunión)|la (?:sesión"
    r"|reunión)\b.{0,60}\b(?:comienza|se levanta|se abre|se suspende))\b",
    r"(?:queda|quedan|ha sido|han sido|es|fue|son) (?:aprobad|rechazad|adoptad|desestimad)[oa]s?\b",
    # Russian
    r"(?:заседание|собрание|совещание)\b.{0,40}\b(?:открыва\w+|закрыва\w+|открыто|закрыто|прерыва\w+|возобновл\w+)\b",
    r"(?:решение|проект\b.{0,60}|предложение|повестка дня)\s+(?:принимается|принят[оа]?|отклонен[оа]?|утвержда\w+"
    r"|утвержден[оа]?)\b",
    r"(?:проводится|состоялось) голосование\b",
)
_WHO = (
    r"(?:the )?(?:distinguished |honou?rable )?(?:representatives?|delegates?|delegation|members?|ministers?"
    r"|president|chair\w*|ambassador|permanent|senator|secretary|under-secretary|speaker|mr|mrs|ms|dr|his|her|all"
    r"|previous|you|gentle\w+|witness\w*|observer|head|panel\w*|commissioner|deputy|general|professor)\b"
)
# Whom a sentence addresses, before what it says.
_ADDRESSED = (
    r"(?:(?:mr|mrs|ms|madame?|sir|my lords?|my lady|your (?:hono[u]?rs?|excellenc\w+|lordships?|ladyship)"
    r"|honou?rable|hon|dear|ladies and|fellow)\b\.?(?: [\w.'’-]+){0,4}"
    r"|(?:(?:sehr )?(?:geehrte|verehrte)\w*|lieber?|meine(?: sehr)?|herr|frau|herren?)\b(?: [\w.'’-]+){0,6}"
    r"|(?:monsieur|madame|mesdames|messieurs|chers|mes chers)\b(?: [\w.'’-]+){0,6}"
    r"|(?:señor|señora|señorías|señores|señoras|sr|sra)\b\.?(?: [\w.'’-]+){0,4}"
    r"|(?:уважаем|господ|госпож|г-н|г-жа|коллег)\w*\b(?: [\w.'’-]+){0,4})"
)
ADDRESS = re.compile(rf"{_ADDRESSED}[,!:]\s+", re.IGNORECASE)
ADDRESS_ALONE = re.compile(rf"{_ADDRESSED}[,!.]?$", re.IGNORECASE)
# A sentence by which a chair leads from one speaker to the next.
COURTESY = _compile(
    rf"(?:and |so |now )?(?:on behalf of .{{0,60}},? )?i (?:(?:would|should) (?:also )?like to |wish to |want to "
    rf"|also |now |again |must |sincerely |warmly )*(?:thank|congratulate|welcome)\b(?: once again| warmly)? {_WHO}",
    r"(?:i|we) (?:(?:shall|will|would like to|wish to|am going to|can) )?(?:now |next |also |again )*(?:give|yield"
    r"|pass|hand|return|turn|offer)"
    r"(?: back)?(?: the floor)?(?: back| over)? (?:the floor|to (?:the|mr|ms|mrs|those|our|his|her)\b)",
    r"(?:i|we) (?:(?:shall|will|would like to) )?(?:now |next |also )*(?:call(?: up)?on|call|recogni[sz]e"
    r"|invite) (?:the |mr|ms|mrs|his|her|hon|senator|representatives?)"
    r".{0,160}(?:floor|statement|speak|intervention|address|remarks|minutes?|questions?|\.|$)",
    r"(?:the )?(?:next|first|last|second|following|final) speaker\b",
    r"(?:mr|mrs|ms|miss|dr|senator|professor|minister|ambassador|councillor|member|madam"
    r"|sir)\b[\w.'’ -]{0,50}, (?:please|you may|you have"
    r"|you are recogni[sz]ed|go ahead|the floor|over to you|your (?:statement|question|witness))\b.{0,60}$",
    r"(?:the )?(?:gentle(?:man|woman|lady)|senator|member|representative|delegat\w+|chair|minister|ambassador"
    r"|observer|hon\w*)\b.{0,80}\b(?:has|have|is recogni[sz]ed|may have|may proceed)\b(?: the floor)?.{0,50}$",
    r"(?:the floor is (?:yours|now open|open)|you have the floor|please(?:,)? (?:proceed|go ahead|take the floor"
    r"|be seated|continue)|you may (?:proceed|begin|be seated))",
    r"(?:thank you|thanks|many thanks)\b(?!.*\b(?:but|however|although|we|not|no|never|reject|support"
    r"|oppose)\b)[^:;]{0,110}$",
    r"there are no (?:more|further|other) (?:names|speakers|requests|questions)\b",
    r"(?:good (?:morning|afternoon|evening)|welcome|hello)\b.{0,60}$",
    r"(?:order[!.,]*\s*){1,3}$|(?:i (?:now )?call|calling) (?:the|mr|mrs|ms|dr|sir|lord|lady)\b.{0,60}$"
    r"|order(?: in the (?:house|court|chamber))?[!.]|the (?:member|hon\w*|minister"
    r"|senator)\b.{0,40}\bwill be heard\b",
    r"i (?:yield|reserve|claim)(?: back)?(?: (?:the|my|such|as much|\d+|one|two|three|four|five|ten)\b.{0,70})?$",
    r"i(?: am|['’]m)(?: very| most| much)? (?:obliged|grateful)\b.{0,30}$|much obliged\b.{0,30}$",
    r"(?:(?:it(?: was| is|['’]s) )?my pleasure|(?:you(?:['’]re| are) )?(?:most |very )?welcome|not at all)$",
    r"i (?:will |shall |am happy to |gladly )?give way\b.{0,60}$|(?:will|would) .{1,60} (?:give way|yield)\b.{0,40}$",
    r"(?:(?:we|i)(?:['’]ll| will| can)|let['’]s|let us|let me) (?:start|begin|go|turn|move|take|continue)\b.{0,50}"
    r"\b(?:questions?|row|side|you)\b.{0,40}$|(?:and )?(?:the |a |our |one )?(?:next|first|last|second|final"
    r"|more) question\b.{0,60}$"
    r"|(?:the )?(?:lady|gentleman|colleague)\b.{0,20}\b(?:in|at|on|with|over|from)\b.{0,40}$"
    r"|(?:this|that) (?:concludes|brings us to the end)\b.{0,60}$",
    # German
    r"(?:ich )?(?:erteile|gebe|übergebe)\b.{0,80}\bwort\b|das wort (?:hat|erhält|hat nun|hat jetzt|geht an)\b"
    r"|(?:ich )?danke\b.{0,60}$"
    r"|(?:vielen|herzlichen|besten|schönen) dank\b.{0,60}$|(?:der |die )?(?:nächste[r]?|erste[r]?"
    r"|letzte[r]?) redner(?:in)?\b|guten (?:morgen|tag)\b.{0,60}$"
    r"|als nächste[rs]?\b.{0,60}\b(?:wort|spricht|redner\w*)\b|bitte(?: schön| sehr)?,? (?:herr|frau)\b.{0,40}$",
    r"(?:herr|frau) [\w.'’ -]{2,50}, (?:gestatten|erlauben|lassen|möchten) sie\b.{0,120}"
    r"|(?:gestatten|erlauben) sie eine (?:zwischen|nach)\w+\b.{0,80}"
    r"|(?:ja|nein|bitte|gerne?|natürlich|selbstverständlich|danke|schön)(?:,? (?:ja|nein|bitte|gerne?|danke|schön|sehr"
    r"|nicht|jetzt|natürlich))*$|sie haben das wort$|bitte sehr$",
    # French
    r"la parole est (?:maintenant )?à\b|(?:je|nous) (?:donne|passe|cède|redonne|vais donner"
    r"|donnons)\b.{0,40}\bparole\b|vous avez la parole\b|je (?:remercie|salue) (?:l[ae]|les|m\.|mme|le)\b.{0,140}$"
    r"|(?:merci|je vous remercie)\b.{0,60}$|(?:l['’]orateur|l['’]oratrice) suivante?\b|bonjour\b.{0,40}$",
    # Spanish
    r"(?:tiene|doy|cedo|concedo|damos) (?:ahora )?(?:la|el uso de la) palabra\b|(?:doy|damos) las gracias (?:a|al)\b"
    r"|(?:muchas )?gracias\b.{0,60}$|(?:agradezco|le agradezco) (?:a|al)\b.{0,100}$"
    r"|(?:el|la) siguiente (?:orador|oradora)\b|buen[oa]s (?:días|tardes)\b.{0,40}$|para .{0,60}\btiene la palabra\b",
    # Russian
    r"(?:слово|сейчас слово|слово для .{0,40}) (?:предоставляется|имеет|предоставлено|за)\b|(?:я )?(?:предоставляю"
    r"|передаю|даю) слово\b|(?:сейчас )?я (?:сейчас )?(?:предоставляю|предоставлю) слово\b|(?:я )?благодарю\b.{0,120}$"
    r"|(?:большое )?спасибо\b.{0,60}$|следующий (?:оратор|выступающий)\b|(?:добрый день|доброе утро)\b.{0,40}$"
    r"|теперь слово\b",
)
# A sentence by which a chair moves the business on; alone it is no statement.
BUSINESS = _compile(
    r"(?:i|we) (?:(?:shall|will|would|am going to|should like to) )?(?:now |next |also |then )*(?:put|turn to"
    r"|move to|proceed|begin|resume|suspend|adjourn|declare|open|close|take up)\b.{0,160}"
    r"(?:vote|item|agenda|meeting|sitting|session|debate|hearing|voting|consideration|speakers|order|open|closed"
    r"|adjourned|suspended).{0,80}$",
    r"(?:there being|if there is|if there are|i (?:hear|see)|as there (?:is|are)|hearing|seeing|are there"
    r"|is there)\b.{0,40}(?:no |any )(?:objections?|further|other|comments?|requests?)",
    r"(?:the )?(?:draft )?(?:resolution|motion|amendment|proposal|decision|question|bill"
    r"|text)\b.{0,120}\b(?:received|has been adopted|has not been adopted|is adopted|is carried|is rejected|carried"
    r"|having failed)\b",
    r"(?:the )?(?:voting|vote|result|outcome)\b.{0,60}\b(?:as follows|is:|was:|begins|closed|open)",
    r"(?:those|all those|will those|all) (?:in favou?r|against|opposed)\b|(?:i think )?the (?:ayes|noes) have it\b"
    r"|(?:the )?ayes\b.{0,60}\bnoes\b|(?:unlock|lock|ring|clear) the (?:doors|bells|lobb\w+)",
    r"it (?:is|was) so (?:decided|ordered|agreed)|so (?:decided|ordered|moved|agreed)\b|without objection\b",
    r"(?:the )?(?:provisional )?agenda\b.{0,60}\badopted\b|(?:the )?(?:security )?(?:council|chamber|committee"
    r"|assembly|house) (?:has thus|will now|is now ready|will begin|has)"
    r" .{0,60}(?:concluded|consideration|vote|stage|proceed|begin|agenda)",
    rf"{_BODY} (?:is|stands|will be|was)(?: now| hereby)? (?:called to order|open|opened|closed|adjourned|suspended"
    rf"|resumed|concluded|in recess)\b",
    r"(?:the )?(?:committee|subcommittee|court|house|meeting|hearing) will (?:please )?come to order\b",
    r"the (?:objection|motion) is (?:overruled|sustained|granted|denied)\.?$|(?:the )?(?:next|first|second|third"
    r"|last) (?:item|question|order)\b.{0,160}$",
    r"(?:the )?(?:time of the \w+|(?:the )?\w+['’]s time|your time|my time)(?: \w+){0,2} (?:has|is) (?:now )?"
    r"(?:expired|up|over|elapsed)\b|pursuant to\b.{0,160}\bthe (?:chair|house|committee|senate|assembly"
    r"|question)\b.{0,120}"
    r"|(?:the )?(?:pending |next )?(?:question|motion) (?:now )?(?:is|before (?:us|the \w+) is)(?: now)? (?:on|that"
    r"|whether"
    r"|put)\b|for what purpose (?:does|do)\b|(?:on (?:that|this),? )?i (?:now )?(?:demand|request|ask for|call for)"
    r" (?:the yeas|a (?:recorded|roll|division|quorum|counted))\b|i ask unanimous consent\b.{0,160}$"
    r"|i (?:move|suggest) (?:that the (?:house|senate|committee|debate)|the (?:previous question|absence))\b.{0,60}"
    r"|i object$|(?:is there|are there|the chair hears|hearing)(?: an?| any| no)* (?:objection|second)s?\b"
    r"|(?:the )?(?:clerk|secretary|registrar)(?: of the court)? (?:will|may|shall)\b.{0,80}$|the chair (?:recognizes"
    r"|lays|declares"
    r"|announces|will)\b.{0,140}$|(?:objection|sustained|overruled|granted|denied|noted|no objection)\b.{0,20}$",
    r"(?:we|i|the (?:court|chamber|tribunal|committee))(?: (?:shall|will|['’]ll))?(?: now| then)? (?:take|have|break"
    r"|rise"
    r"|reconvene|resume|recess)\b.{0,30}\b(?:break|recess|lunch|now|at|until|in|for|here)\b.{0,40}$"
    r"|all rise$|please be seated$|court is (?:now )?in (?:session|recess)",
    r"ich rufe\b.{0,140}\bauf$|(?:wir (?:treten|fahren|setzen)|ich (?:eröffne|schließe|unterbreche|beende))\b.{0,40}"
    r"\b(?:aussprache|sitzung|beratung|debatte|abstimmung|tagesordnung|fragestunde)\b.{0,40}$"
    r"|(?:weitere |keine weiteren )?wortmeldungen\b.{0,60}$|(?:es )?(?:liegen|gibt|ich sehe|sehe ich)\b.{0,40}"
    r"\b(?:wortmeldung\w*|widerspruch)\b.{0,60}$|widerspruch\b.{0,60}$|(?:ihre|die) redezeit\b.{0,60}$"
    r"|kommen sie (?:bitte )?zu[rm] (?:ende|schluss|frage)\b.{0,20}$|dann (?:ist|verfahren)\b.{0,40}\bso\b.{0,30}$"
    r"|(?:die )?überweisung\b.{0,120}\b(?:vorgeschlagen|beschlossen)$",
    r"wir kommen (?:nun |jetzt )?zu[rm]? (?:abstimmung|schluss|tagesordnungspunkt)\b.{0,80}$|wer (?:dem|der|dafür"
    r"|dagegen|für|stimmt|diesem)\b.{0,140}|gegenprobe\b|(?:gibt es )?enthaltungen\b|gegenstimmen\b|wer (?:enthält"
    r"|ist) .{0,40}$"
    r"|(?:damit|somit) ist\b.{0,120}\b(?:angenommen|abgelehnt|überwiesen|beschlossen|geschlossen|eröffnet)\b|(?:die"
    r"|unsere) (?:sitzung|aussprache|beratung) ist (?:hiermit |damit )?(?:eröffnet|geschlossen|unterbrochen)\b",
    r"(?:je mets|nous passons|nous allons passer)\b.{0,40}\b(?:voix|vote)\b.{0,80}$|(?:la )?(?:séance|réunion"
    r"|discussion générale) est (?:ouverte|levée|reprise|suspendue|close)\b|il en est ainsi décidé"
    r"|(?:quel est l['’]avis|qui est (?:pour|contre))\b.{0,60}",
    r"l['’]ordre du jour appelle\b.{0,160}$|la discussion (?:générale )?est (?:ouverte|close)"
    r"|je suis saisie? de\b.{0,160}$"
    r"|(?:même avis|(?:avis )?(?:dé)?favorable|sagesse|retrait)\b.{0,30}$|le scrutin (?:public )?est (?:ouvert|clos"
    r"|annoncé)"
    r"|(?:voici )?le résultat du scrutin\b.{0,40}|nombre de (?:votants|suffrages)\b.{0,60}|prochaine séance\b.{0,160}"
    r"|l['’](?:amendement|article)\b.{0,80}\b(?:adopté|rejeté|retiré)e?s?$|je vous (?:prie|remercie) de conclure"
    r"|il faut conclure$"
    r"|nous (?:en )?(?:venons|arrivons|abordons|poursuivons|reprenons)\b.{0,120}$|je mets aux voix\b.{0,120}$",
    r"(?:comienza|comenzamos|concluye|finaliza|cerramos|iniciamos|vamos a (?:iniciar|votar"
    r"|comenzar))\b.{0,30}\bvotaci\w+\b"
    r".{0,60}$|efectuada la votación\b.{0,200}|votos (?:emitidos|a favor|en contra)\b.{0,80}"
    r"|(?:pasamos|entramos|continuamos|seguimos)\b.{0,20}\b(?:al?|en|con) (?:el |la |l)?(?:siguiente|punto|orden"
    r"|turno|debate)\b"
    r".{0,120}$|(?:debe|tiene que|vaya|le ruego que) (?:ir )?(?:concluy|termin|finaliz|acab)\w+\b.{0,30}$"
    r"|silencio\b.{0,30}$",
    r"(?:pasamos|procedemos|vamos a proceder)\b.{0,40}\b(?:votación|votar)\b.{0,80}$|se (?:abre|levanta|suspende"
    r"|reanuda) la sesión\b|así queda (?:acordado|decidido)|queda (?:aprobad|rechazad)\w+",
    r"(?:приступаем|переходим|перейдем|сейчас мы приступим)\b.{0,40}\b(?:голосован\w+|рассмотрен\w+)\b.{0,80}$"
    r"|(?:заседание) (?:открывается|закрывается|открыто|закрыто|объявляю)\b|решение принимается|кто (?:за|против"
    r"|воздержался)\b.{0,30}$|объявляю\b.{0,40}\b(?:открытым|закрытым)\b|повестка дня утверждается",
)
# Words above lists of names.
ROLL = _compile(
    r"(?:ayes|noes|yeas|nays|in favou?r|against|abstain(?:ing|ed)?|abstentions?|absent|present|not voting|excused"
    r"|tellers\b.{0,20}"
    r"|paired|pairs|members(?: present)?|also present|in attendance|attendance|apologies|staff|officials|witnesses"
    r"|president"
    r"|dafür|dagegen|enthaltungen|anwesend|pour|contre|abstentions?|présents?|a favor|en contra|abstenciones|за|против"
    r"|воздержал\w*|присутств\w+)\b(?: ?(?:\(\d+\)|\d+|[—–-]\s?\d+))?(?: members?)?\s*:?$"
)
# What an official record says of itself.
NOTICE = _compile(
    r"(?:this|the (?:present|final)) (?:record|text|document|transcript|report"
    r"|version)\b.{0,120}\b(?:contains the text|is subject to"
    r"|will be (?:printed|issued)|translation|has not been|corrections?|unofficial|uncorrected|verbatim)\b",
    r"(?:any )?corrections (?:to|should|may|will|must)\b",
    r"(?:printed|published|produced) (?:on|by|at|under)\b.{0,100}\b(?:recycled|authority|office|paper|printer|press)\b",
    r"(?:uncorrected|unrevised|draft|official|unofficial|provisional|rough|daily)\b.{0,40}\b(?:transcript|record"
    r"|report|version|proof|hansard)s?$",
)
_BOUNDARY = re.compile(
    r"(?<![^\w][^\W\d_])(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bMrs)(?<!\b[Hh]on)(?<!\bSen)(?<!\bRep)(?<!\bMme)(?<!\bSra)(?<!\bProf)(?<!\bGen)"
    r"[.!?…]+[\"”»’)]*\s+(?:[–—/-]\s+)?(?=[\"“«(]?[^\W\d_a-z])"
)


def split_formulas(text: str) -> list[str]:
    """Return the sentences of a short text, as far as they matter for formulas: titles and initials end none."""
    return [sentence.strip(" –—-") for sentence in _BOUNDARY.split(text) if sentence.strip(" –—-")]
