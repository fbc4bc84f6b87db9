"""DOIs of the papers that the evidence of rules names. An id stands here only where we are sure of it."""

from __future__ import annotations

import re

DOIS = {
    "Alessi 1997": "10.1016/S0960-9822(06)00122-9",
    "Bachmann 2011": "10.1038/msb.2011.50",
    "Banaszynski 2005": "10.1021/ja043277y",
    "Boehm 2014": "10.1021/pr5006923",
    "Britschgi 2012": "10.1016/j.ccr.2012.10.023",
    "Brunet 1999": "10.1016/S0092-8674(00)80595-4",
    "Chandarlapaty 2011": "10.1016/j.ccr.2010.10.031",
    "Choo 2008": "10.1073/pnas.0809136105",
    "Cross 1995": "10.1038/378785a0",
    "Diehl 1998": "10.1101/gad.12.22.3499",
    "Garrett 2011": "10.1073/pnas.1016140108",
    "Gingras 2001": "10.1101/gad.912401",
    "Goel 2016": "10.1016/j.ccell.2016.02.006",
    "Harrington 2004": "10.1083/jcb.200403069",
    "Hirai 2010": "10.1158/1535-7163.MCT-09-1012",
    "Hsu 2011": "10.1126/science.1199498",
    "Inoki 2002": "10.1038/ncb839",
    "Inoki 2003": "10.1101/gad.1110003",
    "Jacinto 2006": "10.1016/j.cell.2006.08.033",
    "Kiselyov 2009": "10.1038/msb.2008.78",
    "Lee 2000": "10.1128/mcb.20.5.1489-1496.2000",
    "Liu 2013": "10.1038/ncb2860",
    "Manning 2002": "10.1016/S1097-2765(02)00568-3",
    "Okuzumi 2009": "10.1038/nchembio.183",
    "Puig & Tjian 2005": "10.1101/gad.1340505",
    "Rodrik-Outmezguine 2011": "10.1158/2159-8290.CD-11-0085",
    "Sancak 2007": "10.1016/j.molcel.2007.03.003",
    "Sarbassov 2005": "10.1126/science.1106148",
    "Sarbassov 2006": "10.1016/j.molcel.2006.03.029",
    "Um 2004": "10.1038/nature02866",
    "Will 2014": "10.1158/2159-8290.CD-13-0611",
    "Yang 2015": "10.1016/j.celrep.2015.07.016",
    "Yu 2011": "10.1126/science.1199484",
    "Zhande 2002": "10.1128/MCB.22.4.1016-1026.2002",
}
"""First author and year, as the evidence names a paper."""

_PAPER = re.compile(r"[A-Z][\w-]+(?: & [A-Z][\w-]+)? (?:19|20)\d\d")


def dois(evidence: str) -> list[str]:
    """The DOIs of the papers that a sentence names, in its order."""
    return list(dict.fromkeys(DOIS[name] for name in _PAPER.findall(evidence) if name in DOIS))
