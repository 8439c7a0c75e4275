import gc

from mobility.app import create_app, refuse_demo_data
from mobility.core.db import db

app = create_app()
refuse_demo_data(app)

# Web processes are forked from here: none may share a connection; what is loaded is shared.
with app.app_context():
    db.engine.dispose()
gc.collect()
gc.freeze()
