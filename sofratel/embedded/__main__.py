from sofratel.embedded.launcher import main

main()
