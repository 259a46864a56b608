"""The main job as people do it: log in, do a unit in the form, submit, get graded, get hours.

The whole chain runs without JavaScript, as it must on an old browser.
"""

import json
import time

from playwright.sync_api import Page, expect

from tests.support.site import ROOT

A1 = ROOT / "courses/xinxi2/a1"
PLAN = (
    "一、目的：了解本班学生学习分数前的准备情况，为分层备课找依据。二、对象与时间：本班全体学生，"
    "上课前一天用十分钟完成。三、工具：平台上的课前小测八题和问卷六题，题目对应意义、单位、等分、"
    "比较四个知识点，学生在机房或用家长手机作答，结果可以导出为表格。四、步骤：发放前说明不计分；"
    "收回后先删去重复的行，剔除缺考和不可能的分数，再按知识点计算得分率；最后按得分率把学生分成"
    "不同需要的小组。五、使用：备课时据此安排例题和练习，课后再用两道题检验。六、保护隐私：只用"
    "编号，不记姓名，不排名，数据不外传。"
)
REPORT = (
    "本次小测有效作答四十二人，已删去重复一行，剔除缺考三人和一个不可能的分数。四个知识点中，分数的"
    "意义得分率最高，多数学生能正确读写；单位和等分的得分率明显偏低，其中第八题只有三分之一的学生做对，"
    "说明不少学生还不理解“平均分”。问卷里超过一半的学生表示更愿意动手操作。据此把学生分为两类："
    "需要操作巩固的学生先用折纸和数线活动重新建立等分的概念；可以直接应用的学生做生活情境题，并给"
    "同组同学讲解。教学上，下一课前十五分钟安排分层练习，例题从折纸引入。课后用两道同类题再测，"
    "如果等分的得分率达到七成，就合并小组继续新课。样本只有一个班，结论只用于本班备课，不作评价。"
)
COMMENT = "结论有数据支持，可以直接用到备课里。"


def fill_form(page: Page, answers: dict) -> None:
    """Fill the unit's form as its fields are labelled in the page."""
    unit = json.loads((ROOT / "build/courses/xinxi2/learner/a1/unit.json").read_text("utf-8"))
    for task in unit["tasks"]:
        value = answers.get(task["id"])
        name = f"a.{task['id']}"
        if task["type"] == "table":
            for row, cells in value.items():
                for column, number in cells.items():
                    page.locator(f'[name="{name}.{row}.{column}"]').fill(str(number))
        elif task["type"] == "choices":
            for one in value:
                page.locator(f'[name="{name}"][value="{one}"]').check()
        elif task["type"] == "chart":
            for axis in ("kind", "x", "y"):
                page.locator(f'[name="{name}.{axis}"]').select_option(value[axis])
            for point, number in value["points"].items():
                page.locator(f'[name="{name}.points.{point}"]').fill(str(number))
        elif task["type"] == "text":
            page.locator(f'[name="{name}"]').fill(PLAN if "plan" in task["id"] else REPORT)
        else:
            raise AssertionError(f"fill_form does not know {task['type']}")


def wait_for(page: Page, text: str, seconds: float = 90) -> None:
    """Reload until the page says ``text``."""
    deadline = time.monotonic() + seconds
    while page.get_by_text(text).count() == 0:
        assert time.monotonic() < deadline, (
            f"{text!r} did not come: {page.inner_text('main')[:800]}"
        )
        time.sleep(1)
        page.reload()


def give_full_marks(desk: Page) -> None:
    """Mark everything that a person marks, with a comment, and release it."""
    criteria = {radio.get_attribute("name") for radio in desk.locator("input[type=radio]").all()}
    assert criteria
    for name in criteria:
        desk.locator(f'input[name="{name}"]').first.check()
    desk.get_by_label("总评").fill(COMMENT)
    desk.get_by_role("button", name="保存并发布成绩").click()
    expect(desk.get_by_text("已发布").first).to_be_visible()


def test_from_login_to_credit_hours_in_the_form_without_javascript(visitor):
    alice = visitor(javascript=False)
    page = alice.login("艾老师")
    expect(page.get_by_role("heading", name="我的研修")).to_be_visible()
    alice.shot("01-my-training")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    alice.shot("02-unit")
    answers = json.loads((A1 / "solution/answers.json").read_text("utf-8"))["answers"]
    fill_form(page, answers)
    page.get_by_role("button", name="保存草稿").click()
    alice.shot("03-form-saved", full=True)
    expect(page.locator("svg").first).to_be_visible()  # the chart is drawn once it is saved
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("回执编号")).to_be_visible()
    alice.shot("04-receipt")
    receipt = page.url
    assert "第三小学" not in page.inner_text("main")  # no school on a receipt

    organizer = visitor(javascript=False)
    desk = organizer.login("校管理员")
    desk.get_by_role("link", name="提交与评分").click()
    wait_for(desk, "待评分")
    organizer.shot("05-submissions")
    desk.get_by_role("row", name="艾老师").get_by_role("link").first.click()
    organizer.shot("06-marking", full=True)
    give_full_marks(desk)

    page.goto(f"{alice.site.url}/services/records/")
    expect(page.locator("main")).to_contain_text("已通过")
    assert "2" in page.locator(".credit, main").first.inner_text()
    alice.shot("07-passed")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    expect(page.locator("#feedback blockquote")).to_have_text(COMMENT)
    expect(page.locator("#feedback")).to_contain_text("100 / 100 分")
    alice.shot("08-feedback", full=True)

    charlie = visitor(javascript=False)
    other = charlie.login("柴老师")
    for address in (receipt, receipt.replace("receipts", "submissions")):
        assert other.goto(address).status == 404
    neighbour = visitor(javascript=False)
    other = neighbour.login("中心校管理员")
    assert other.goto(desk.url).status == 404

    for one in (alice, organizer, charlie, neighbour):
        assert one.outside() == []
        assert [line for line in one.console if "404" not in line] == []
