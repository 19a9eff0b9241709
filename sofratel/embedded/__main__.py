import sys

try:
    from sofratel.embedded.launcher import main
except ModuleNotFoundError as missing:
    sys.exit(f"Erreur : le paquet {missing.name} n'est pas installé : lancez « make -B install ».")

main()
