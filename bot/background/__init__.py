"""What is built once and runs beside the chat, in rounds; and whether all of it is well."""
