"""The application object: `gunicorn --config config/gunicorn.conf.py`, or `flask --app wsgi`."""

from config.settings import Settings, SettingsError
from storefront import create_app

try:
    app = create_app(Settings.from_environment())
except SettingsError as error:
    # Whoever starts the shop wants to read what is missing, not where we noticed.
    raise SystemExit(str(error)) from None
