"""Writes digits.json: the test set of the UCI hand-written digits, from the copy of it that scikit-learn brings along.

    pip install scikit-learn==1.9.1
    python3 golden/digits.py
"""

import json
from pathlib import Path

from sklearn.datasets import load_digits

SYMBOLS = "0123456789abcdefg"

digits = load_digits()
images = ["".join(SYMBOLS[int(pixel)] for pixel in image) for image in digits.data]
content = {
    "format": "keepprob-digits/1",
    "source": "Alpaydin, E. and Kaynak, C. (1998). Optical Recognition of Handwritten Digits (test set). "
    "UCI Machine Learning Repository, https://doi.org/10.24432/C50P49",
    "licence": "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    "shape": [8, 8],
    "symbols": SYMBOLS,
    "labels": "".join(str(label) for label in digits.target),
    "images": images,
}
Path(__file__).with_name("digits.json").write_text(json.dumps(content, indent=1) + "\n")
