"""Draw a chart with Chinese labels as a notebook does; a missing character is an error.

Run by the ``verify.py`` of the images that draw, with the image's own Python.
"""

import io
import warnings

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt

warnings.simplefilter("error")
figure, axes = plt.subplots()
axes.set_title("课堂提问的认知层次 −1 · 龘䶮")
axes.bar(["教师", "学生"], [0.2, -0.8])
drawn = io.BytesIO()
figure.savefig(drawn, format="png")
print(plt.gca().title.get_fontfamily(), len(drawn.getvalue()))
