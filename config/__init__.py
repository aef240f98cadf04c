"""How the shop is set up for one machine: settings from the environment, and gunicorn's."""
