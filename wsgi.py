from mobility.app import create_app, refuse_demo_data

app = create_app()
refuse_demo_data(app)
