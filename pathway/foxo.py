"""FOXO leaves the nucleus when AKT phosphorylates it; GSK3 is switched off by AKT.

In: AKT activity. Out: nuclear FOXO, which drives receptor genes; GSK3 without S9 phosphate, which destabilises cyclin D.

*Left out*: 14-3-3, FOXO isoforms and turnover, JNK and other FOXO kinases.
"""


def molecules(d):
    d.monomer("FOXO", "O43524 Q12778 P98177", loc="nuc cyt")
    d.monomer("GSK3", "P49841 P49840", S9="u p")
    d.start(d["FOXO"](loc="cyt"), d.copies("FOXO", 1.2e4, "FOXO1, FOXO3, FOXO4"))
    d.start(d["GSK3"](S9="u"), d.copies("GSK3", 5e4, "GSK3-alpha and -beta"))
    d.see("nFOXO", d["FOXO"](loc="nuc"), "FOXO in the nucleus")
    d.see("pFOXO", d["FOXO"](loc="cyt"), "FOXO with AKT phosphates, in the cytosol")
    d.count("GSK3_active", d["GSK3"](S9="u"))
    d.see("pGSK3_S9", d["GSK3"](S9="p"), "GSK3 S9/S21")


def rules(d):
    foxo, gsk3 = d["FOXO"], d["GSK3"]
    intact = d.setting(
        "FOXO_AKT_sites_intact", 1.0, "1", "1 = wild type, 0 = FOXO that AKT cannot phosphorylate"
    )
    d.catalyse(
        "akt_expels_foxo",
        foxo(loc="nuc") >> foxo(loc="cyt"),
        d.needs("aAKT_FOXO", 1e4),
        (3e-7, 0.3, "guess: most FOXO in the cytosol in serum"),
        times=intact,
        why="AKT phosphorylates FOXO, which leaves the nucleus; Brunet 1999 Cell 96:857",
    )
    d.convert(
        "foxo_enters_nucleus",
        foxo(loc="cyt") >> foxo(loc="nuc"),
        (4e-4, 0.3, "5-15 min to 1 h; general knowledge"),
        why="Brunet 1999",
    )
    d.catalyse(
        "akt_phosphorylates_gsk3_s9",
        gsk3(S9="u") >> gsk3(S9="p"),
        d.needs("aAKT", 1.5e4),
        (7e-8, 0.3, "guess: as PRAS40"),
        why="Cross 1995 Nature 378:785",
    )
    d.convert(
        "pp_dephosphorylates_gsk3_s9",
        gsk3(S9="p") >> gsk3(S9="u"),
        (1.7e-3, 0.3, "guess: ten minutes"),
        why="general knowledge",
    )
