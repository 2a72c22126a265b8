"""The n-gram featurizer: what a text becomes."""

import numpy as np
import pytest

from coldframe import ngrams


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("良い 商品 です 。", "良い商品です。"),
        ("良い\u3000商品\n\tです", "良い商品です"),
        ("ＡＢＣ１２３！？", "abc123!?"),
        ("ﾀﾞﾒﾃﾞｼﾀ", "ダメデシタ"),
        ("Straße", "strasse"),
        ("…～", "...~"),
        ("", ""),
        ("\ud800", "\ud800"),
    ],
)
def test_normalize(text: str, normal: str) -> None:
    assert ngrams.normalize(text) == normal


def test_encode_lays_texts_end_to_end_with_markers() -> None:
    codes, marks, _ = ngrams.encode(["ab", "", "良"])
    assert codes.tolist() == [2, 97, 98, 3, 3, 3, 2, 3, 3, 3, 2, 0x826F, 3, 3, 3]
    assert marks.tolist() == [0, 3, 6, 7, 10, 12]


def test_buckets_are_those_of_the_definition() -> None:
    codes, _, orders = ngrams.encode(["良い"])
    multipliers = [0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F]
    got = ngrams.buckets(codes, orders, 1_009)
    assert orders == ngrams.ORDERS
    assert got.shape == (len(ngrams.ORDERS), 3)
    for order in range(len(ngrams.ORDERS)):
        for place in range(3):
            window = codes[place : place + order + 1].tolist()
            hashed = sum(code * factor for code, factor in zip(window, multipliers, strict=False)) % 2**32
            assert got[order, place] == hashed % 1_009


def test_orders_need_not_begin_with_one() -> None:
    codes = ngrams.lay_out(["良い商品"], range(2, 6)).codes
    from_one = ngrams.buckets(codes, range(1, 6), 1_009)
    np.testing.assert_array_equal(ngrams.buckets(codes, range(2, 6), 1_009), from_one[1:])


def test_buckets_spread() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0x3040, 0x9FFF, 20_003).astype(np.uint32)
    counts = np.bincount(ngrams.buckets(codes, ngrams.ORDERS, 1_000)[1:].ravel(), minlength=1_000)
    assert counts.min() > 0
    assert counts.max() < 2 * counts.mean()
