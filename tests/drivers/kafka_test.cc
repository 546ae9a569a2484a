// What is Kafka's own: what it says of itself, and why it may refuse.
