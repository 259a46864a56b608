"""What can go wrong with a unit, as sentences for the teacher who clicked.

Decides the words and nothing else. zh_CN is the source; en for browsers that ask for
English and not for Chinese.
"""

TITLE = {"zh_CN": "这个单元没有打开", "en": "The unit was not opened"}
BACK = {"zh_CN": "回到研修门户", "en": "Back to the portal"}
AGAIN = {"zh_CN": "再试一次", "en": "Try again"}

SENTENCES = {
    "not_configured": {
        "zh_CN": "这个 Jupyter 服务器没有连接研修平台。请回到研修门户，从单元页面重新点“在 Jupyter 中打开”。",
        "en": "This Jupyter server is not connected to the platform. Please go back to the portal and open the unit from its page.",
    },
    "away": {
        "zh_CN": "研修平台暂时没有回应，您的文件没有受影响。请过一分钟再试；若一直这样，请告诉学校管理员。",
        "en": "The platform does not answer at the moment; your files are safe. Please try again in a minute, and tell your school's administrator if it stays so.",
    },
    "token": {
        "zh_CN": "这个 Jupyter 服务器的登录已经过期，您的文件没有受影响。请保存好正在编辑的内容，回到研修门户重新登录，再从单元页面打开。",
        "en": "The login of this Jupyter server has expired; your files are safe. Please save what you are editing, log in to the portal again and open the unit from its page.",
    },
    "no_unit": {
        "zh_CN": "您的研修里没有这个单元。它可能属于别的老师，或已经结束。请回到“我的研修”，从那里打开。",
        "en": "This unit is not among yours. It may be somebody else's, or over. Please open your units from the portal.",
    },
    "refused": {
        "zh_CN": "研修平台没有给出这个单元的材料。请回到研修门户，看看单元页面上的说明。",
        "en": "The platform did not hand out this unit. Please see what its page in the portal says.",
    },
    "bad_release": {
        "zh_CN": "这个单元的材料包有问题，没有写入任何文件。请把单元名称告诉学校管理员。",
        "en": "This unit's package is damaged; nothing was written. Please tell your school's administrator which unit it is.",
    },
    "not_here": {
        "zh_CN": "这个单元的文件夹还没有放进来，或者已经删除。请先在研修面板里点“打开”。",
        "en": "This unit's folder is not here yet, or was deleted. Please press Open in the panel first.",
    },
    "no_answer": {
        "zh_CN": "还没有可以看的评语：成绩发布以后才有。",
        "en": "There is no feedback yet: it comes when the marks are released.",
    },
    "bad_request": {
        "zh_CN": "这个请求看不懂，什么也没有做。请刷新页面再试。",
        "en": "This request makes no sense; nothing was done. Please reload the page and try again.",
    },
    "disk_full": {
        "zh_CN": "您的存储空间已满，单元没有放进来。请先在左侧文件列表里删除不需要的文件，再试一次。",
        "en": "Your storage is full, so the unit was not put there. Please delete files that you do not need, then try again.",
    },
    "disk": {
        "zh_CN": "没能把单元写进您的文件夹。请再试一次；若一直这样，请告诉学校管理员。",
        "en": "The unit could not be written to your folder. Please try again, and tell your school's administrator if it stays so.",
    },
}


class CannotOpen(Exception):
    """The unit cannot be opened, or something else that the panel asked for cannot be done.

    :param code: a key of ``SENTENCES``
    :param status: HTTP status of the page
    :param detail: a sentence of the records service for this teacher, shown as well
    """

    def __init__(self, code: str, *, status: int, detail: str = ""):
        super().__init__(code)
        self.code = code
        self.status = status
        self.detail = detail

    def text(self, language: str) -> str:
        """Return what happened and what to do, in ``zh_CN`` or ``en``."""
        return self.detail + SENTENCES[self.code][language]


def language(accept_language: str) -> str:
    """Return ``en`` only for a browser that asks for English and not for Chinese.

    >>> language("zh-CN,zh;q=0.9,en;q=0.8"), language(""), language("en-GB,en;q=0.5")
    ('zh_CN', 'zh_CN', 'en')
    """
    asked = [part.split(";")[0].strip().lower() for part in accept_language.split(",")]
    english = any(tag.startswith("en") for tag in asked)
    return "en" if english and not any(tag.startswith("zh") for tag in asked) else "zh_CN"
