"""Relations within a household: what one member is to another when the register knows only what each is to the head (GB/T 4761)."""

HEAD = ("02", "01")
OTHER_RELATIVE = "97"
_SPOUSE = {"10", "11", "12"}
_CHILD = {"20", "21", "22", "23", "24", "25", "26", "27", "29", "30", "31", "32", "33", "34", "35", "36", "37", "39"}
_SONS_CHILD, _DAUGHTERS_CHILD = {"40", "41", "42"}, {"43", "44"}
_PARENT = {"50", "51", "52", "57", "58"}
_SIBLING = {"70", "71", "73", "75", "77"}
_GRANDPARENT, _MOTHERS_PARENT = {"60", "61", "62"}, {"63", "64"}

# Left to right: what the first group is to the second, for a man and for a woman.
_BETWEEN = (
    (_SPOUSE, _CHILD, "51", "52"), (_CHILD, _SPOUSE, "20", "30"), (_CHILD, _CHILD, "70", "70"), (_SIBLING, _SIBLING, "70", "70"),
    (_PARENT, _PARENT, "11", "12"), (_PARENT, _SIBLING, "51", "52"), (_SIBLING, _PARENT, "20", "30"), (_PARENT, _CHILD, "61", "62"),
    (_CHILD, _PARENT, "41", "42"), (_SPOUSE, _PARENT, "28", "38"), (_SPOUSE, _SONS_CHILD, "61", "62"), (_SPOUSE, _DAUGHTERS_CHILD, "63", "64"),
    (_SONS_CHILD, _SPOUSE, "41", "42"), (_DAUGHTERS_CHILD, _SPOUSE, "43", "44"),
)  # fmt: skip


def relation_between(one: str, sex: str, other: str) -> str:
    """What ``one`` (with this sex) is to ``other``, both given as what they are to the head; empty when the register does not tell."""
    if other in HEAD:
        return "" if one in HEAD else one
    if one in HEAD:
        return _of_the_head(other, sex)
    found = next((pair for left, right, *pair in _BETWEEN if one in left and other in right), ("", ""))
    return found[0] if sex == "1" else found[1]


def _of_the_head(other: str, sex: str) -> str:
    """What the head is to a member."""
    man = sex == "1"
    pairs = (
        (_SPOUSE, "11", "12"), (_CHILD, "51", "52"), (_PARENT, "20", "30"), (_SIBLING, "70", "70"), (_SONS_CHILD, "61", "62"),
        (_DAUGHTERS_CHILD, "63", "64"), (_GRANDPARENT, "41", "42"), (_MOTHERS_PARENT, "43", "44"), ({"38"}, "53", "54"),
        ({"28"}, "55", "56"), ({"53", "54"}, "", "38"), ({"55", "56"}, "28", ""),
    )  # fmt: skip
    return next((his if man else hers for group, his, hers in pairs if other in group), "")


def relation_after(one: str, sex: str, new_head: str) -> str:
    """What a member is to the new head; what the register does not tell becomes 其他亲属, to be corrected by hand."""
    return relation_between(one, sex, new_head) or OTHER_RELATIVE
