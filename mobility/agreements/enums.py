"""Kinds, states and signature slots of an agreement."""

from enum import StrEnum

from mobility.core.states import lifecycle


class AgreementKind(StrEnum):
    COMMITMENT = "commitment"
    FINANCIAL = "financial"


class AgreementStatus(StrEnum):
    # The text is frozen and waits for signatures.
    SIGNING = "signing"
    SIGNED = "signed"
    # A change made it void; a new one is drawn up.
    VOID = "void"


class Slot(StrEnum):
    """Who signs: visiting and host organisation and their partnerships."""

    VO = "vo"
    HO = "ho"
    VOP = "vop"
    HOP = "hop"


SLOTS: dict[AgreementKind, tuple[Slot, ...]] = {
    AgreementKind.COMMITMENT: (Slot.VO, Slot.HO, Slot.VOP, Slot.HOP),
    AgreementKind.FINANCIAL: (Slot.VO, Slot.VOP),
}

LIFECYCLE = lifecycle(
    {
        AgreementStatus.SIGNING: {AgreementStatus.SIGNED, AgreementStatus.VOID},
        AgreementStatus.SIGNED: {AgreementStatus.VOID},
    }
)
