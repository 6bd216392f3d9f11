"""What an owner does with a step as a whole: writes, hands in, pulls back, lets rest, gives up."""
