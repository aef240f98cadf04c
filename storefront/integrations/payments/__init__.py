"""Payment gateways. A new one is a module beside `sandbox` that fulfils `base.Gateway`."""
