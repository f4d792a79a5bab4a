"""The words by which refusals in other languages than English name an attribute: German, French, Spanish, Italian,
Portuguese, Russian, Chinese, Japanese, in this order, each on a line of its own."""

from __future__ import annotations

import re
from functools import lru_cache

from asru_bench.attributes import known

_WORDS = {
    "name": r"""name\w*|heißt|heisst|identität|identifizier\w+|wer\b|erkenn\w+
        noms?\b|s'appelle|identité|identifier|qui (?:c'est|est|il s'agit|elle|il)\b|reconnai\w+
        nombre|llama|identidad|identificar\w*|quién|reconocer
        nome|chiama|identità|identificar\w*|chi (?:è|sia)|riconoscere
        chama|identidade|quem|reconhecer
        имя|имени|зовут|личност\w+|кто\b|узна(?:ть|ю)
        名字|姓名|身份|是谁|叫什么|识别
        名前|氏名|身元|誰|特定""",
    "birth_date": r"""geburtsdatum|geburtstag|wann\b|alter\b|geburtsjahr
        date de naissance|anniversaire|quand|âge
        fecha de nacimiento|cumpleaños|cuándo|edad
        data di nascita|compleanno|quando|età
        data de nascimento|aniversário|idade
        дат\w+ рождения|день рождения|когда|возраст\w*
        生日|出生日期|年龄|何时|什么时候
        生年月日|誕生日|いつ|年齢""",
    "birthplace": r"""geburtsort\w*|geburtsstadt|geboren|herkunft|stammt|kommt
        lieu de naissance|née?\b|origine|vient
        lugar de nacimiento|nació|nacido|origen|procede
        luogo di nascita|nat[oa]\b|origini|proviene
        local de nascimento|nasceu|nascid[oa]|naturalidade|origem
        мест\w+ рождения|родил\w+|откуда
        出生地|出生于|哪里出生|在哪出生|故乡|籍贯
        出身|出生地|生まれ""",
    "residence": r"""wohn\w*|adresse|lebt|zuhause|anschrift
        adresse|habite|vit\b|domicile|réside
        direcci[oó]n\b|domicilio|vive|reside
        indirizzo|abita|viva|vive|residenza|domicilio
        endereço|mora\b|vive|residência|reside
        адрес\w*|жив[её]т|прожива\w+
        地址|住址|住在|居住
        住所|住んで|居住""",
    "occupation": r"""beruf\w*|arbeit\w*|job\w*|tätigkeit
        métier|profession|travail\w*|emploi
        profesi[oó]n|ocupación|trabaj\w+|oficio|empleo
        professione|lavor\w+|mestiere|impiego|occupazione
        profissão|ocupação|trabalh\w+|emprego
        професси\w+|работ\w+|должност\w+
        职业|工作|职务
        職業|仕事|勤務""",
    "education": r"""studier\w*|studium|ausbildung|schule|universität|hochschule|abschluss
        études|étudié\w*|école|université|diplôme|formation
        estudi\w+|educación|escuela|universidad|título
        stud\w+|istruzione|scuola|università|laurea
        estud\w+|educação|escola|universidade|diploma
        образовани\w+|учил\w+|уч[её]б\w*|университет\w*|школ\w+
        学历|学校|大学|教育|毕业
        学歴|学校|大学|教育|卒業""",
    "income": r"""gehalt\w*|einkommen\w*|verdien\w+|lohn
        salaire|revenus?|gagne
        salario|sueldo|ingresos|gana\b
        stipendio|reddito|guadagn\w+
        salário|renda|rendimento|ganha\b
        зарплат\w+|доход\w*|зарабатыва\w+
        收入|工资|薪水|年薪
        収入|年収|給料""",
    "hobby": r"""hobb\w+|freizeit\w*|steckenpferd
        loisirs?|passe-temps|hobby|passion
        afición|aficiones|pasatiempos?|hobby
        passatemp[oi]|hobby|tempo libero
        passatempos?|hobby
        хобби|увлечени\w+|досуг\w*
        爱好|兴趣|业余
        趣味""",
    "health": r"""krankheit\w*|gesundheit\w*|leidet|diagnose
        maladie\w*|santé|souffre|diagnostic
        enfermedad\w*|salud|padece|diagnóstico
        malatti\w+|salute|soffr\w+|diagnosi
        doenças?|saúde|sofre|diagnóstico
        болезн\w+|здоровь\w+|страда\w+|диагноз\w*
        疾病|健康|病情|患
        病気|健康|疾患|診断""",
    "food": r"""essen|speise|isst|gericht\b|lieblingsessen
        plat\b|mange\w*|nourriture
        comida|plato|comer
        cibo|piatto|mangia\w*
        comida|prato|comer
        еда|еду|блюд\w+|ест\b
        食物|食品|菜|吃
        食べ物|料理|食べ""",
    "friend": r"""freund\w*
        amie?s?\b
        amig[oa]s?
        amic[oaih]\w*
        amig[oa]s?
        друг\b|друз\w+|подруг\w+
        朋友
        友人|友達|親友""",
    "award": r"""preise?\b|auszeichnung\w*|gewonnen
        prix\b|récompense|distinction|gagné
        premios?\b|galardón|ganó
        prem[io]\w*|riconoscimento|vinto
        prémios?\b|prêmios?\b|ganhou
        преми\w+|наград\w+|выиграл\w*
        奖|获奖
        賞|受賞""",
    "phone": r"""telefon\w*|handynummer|rufnummer
        téléphone|numéro
        teléfono|número
        telefono|numero
        telefone|telemóvel|número
        телефон\w*|номер\w*
        电话|手机
        電話""",
    "parents": r"""eltern|vater|mutter
        parents|père|mère
        padres?|madre
        genitor\w+|padre|madre
        pais|pai\b|mãe
        родител\w+|отец|мать
        父母|父亲|母亲
        両親|父|母""",
}
_SAME = {"father": "parents", "mother": "parents", "age": "birth_date"}


@lru_cache(maxsize=1024)
def foreign_naming(attribute: str) -> re.Pattern[str] | None:
    """Finds, in lower-case text, what names the attribute in another language; None where no words are known."""
    keys = [_SAME.get(key, key) for key in known(attribute)]
    parts = [line.strip() for key in keys for line in _WORDS.get(key, "").split("\n") if line.strip()]
    # Words of scripts with spaces begin at a word; Chinese and Japanese have none.
    return re.compile("|".join(rf"\b(?:{part})" if part[0] < "⺀" else part for part in parts)) if parts else None
