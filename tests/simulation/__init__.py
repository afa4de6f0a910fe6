"""The simulated tenant answers as Microsoft's services do, to raw HTTP and to the bot's real clients."""
