"""DataAsk's own database: typed models, transactions on a bounded thread pool, migrations."""
