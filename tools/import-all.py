"""Imports a package with every module in it, so that one that does not compile is found: import-all.py PACKAGE"""

import importlib
import pkgutil
import sys

package = importlib.import_module(sys.argv[1])
modules = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
for name in modules:
    importlib.import_module(name)
print(f"{package.__name__}: {len(modules)} modules import")
