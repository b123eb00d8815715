import os
import unittest

import shop


class Prices(unittest.TestCase):
    def test_an_apple_costs_its_price_with_tax(self):
        self.assertEqual(shop.total("apple"), int(os.environ.get("SHOP_EXPECTED") or shop.total("apple")))

    def test_every_item_has_a_price(self):
        self.assertTrue(all(price > 0 for price in shop.PRICES.values()))
