"""Pages of the catalogue and of agreed pairs."""

from typing import Any

from flask import Blueprint

from mobility.catalogue import wording
from mobility.catalogue.enums import ContactStatus, PairStatus, Side
from mobility.hosts import wording as host_words
from mobility.taxonomies.countries import country_name

bp = Blueprint("catalogue", __name__)
pairs_bp = Blueprint("pairs", __name__, url_prefix="/pairs")


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": wording,
        "host_words": host_words,
        "country_name": country_name,
        "ContactStatus": ContactStatus,
        "PairStatus": PairStatus,
        "Side": Side,
    }


from mobility.catalogue.views import pairs, suggestions  # noqa: E402, F401

bp.register_blueprint(pairs_bp)
