"""Writing through the API: tokens transferred and applied, and events taken in over HTTP, all of it by way of Kafka."""
