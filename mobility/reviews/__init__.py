"""Reviews: colleagues of other partnerships score applications without names, by weighted criteria."""
