"""Whether a browser can run JupyterLab, to say so kindly before it shows a blank page.

Pure: reads a ``User-Agent``. When in doubt it says yes.
"""

import re

from yanxiu.errors import N_

#: What JupyterLab 4.6 needs; the last Chromium for Windows 7 is 109.
LEAST_CHROMIUM = 109


def lab_problem(user_agent: str) -> str | None:
    """Return a sentence (a gettext msgid) when Lab will not work well, else None.

    >>> lab_problem("Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/120.0 Safari") is None
    True
    """
    if re.search(r"Mobile|Android|iPhone|iPad|MicroMessenger", user_agent):
        return N_("手机和平板上不便使用 Jupyter。下面的表单就能完成全部任务，不需要打开 Jupyter。")
    chromium = re.search(r"Chrom(?:e|ium)/([0-9]{1,4})\b", user_agent)
    if chromium and int(chromium[1]) < LEAST_CHROMIUM:
        return N_(
            "您的浏览器版本较旧，打不开 Jupyter（需要 Chrome、Edge 或 360 浏览器的 109 以上内核）。"
            "下面的表单就能完成全部任务，不需要打开 Jupyter。"
        )
    return None
