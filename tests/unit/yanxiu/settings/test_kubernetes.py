"""The cluster's section: what an operator could get wrong is said before anything starts."""

import pytest
from pydantic import ValidationError
from yanxiu.settings.kubernetes import KubernetesSettings

IMAGE = {"image": "localhost/yanxiu/singleuser:dev"}


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"image": ""}, "image"),
        ({"image": "a b"}, "image"),
        ({"image_pull": "Sometimes"}, "image_pull"),
        ({"image_pull_secrets": ["-x"]}, "image_pull_secrets"),
        ({"namespace": "Yanxiu"}, "namespace"),
        ({"storage_class": ""}, "storage_class"),
        ({"start_minutes": 0}, "start_minutes"),
        ({"school": "school-2133000001"}, "school"),  # nobody chooses a school's namespace
    ],
)
def test_what_cannot_be_is_said(wrong, at):
    with pytest.raises(ValidationError) as raised:
        KubernetesSettings.model_validate(IMAGE | wrong)
    assert [error["loc"][0] for error in raised.value.errors()] == [at]


def test_an_image_is_enough():
    assert KubernetesSettings.model_validate(IMAGE).namespace == "yanxiu"
