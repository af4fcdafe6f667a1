"""What is said to whom after each event: `customer` to the user whose ticket it is, `work` to the people who attend it."""
