"""How the framework writes dates where a page does not choose: see `es_MX/formats.py`."""
