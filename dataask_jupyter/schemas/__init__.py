"""Values that cross a boundary, one file a resource. TypeScript types are generated from them."""
