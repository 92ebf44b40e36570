from guerdon.cli import main

main()
