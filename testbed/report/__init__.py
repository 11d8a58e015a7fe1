"""What people see of a study: tables for the terminal, plots, files.

Import the module that is needed: ``tables`` loads rich, ``plots`` loads matplotlib, ``figures``
loads matplotlib when it draws.
"""
