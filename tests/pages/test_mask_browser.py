"""Does a box that is drawn over an address cover it for whoever opens the page at a door?"""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.pages.house import House, Organisation
from tests.pages.test_browser import SIZES, Watched, chromium, opened  # noqa: F401 - fixtures
from tests.pages.test_orders import CASE, png, send, typed
from tests.paper import pdf
from tocsin.registry.rules.paper import JPEG, kind_of

pytestmark = pytest.mark.pages
# How bright the picture of the page is at a part of its width and height, 0 to 255.
BRIGHTNESS = """async ([x, y]) => {
  const picture = document.querySelector("img.paper"), sheet = document.createElement("canvas");
  await picture.decode();
  sheet.width = picture.naturalWidth; sheet.height = picture.naturalHeight;
  const pen = sheet.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return pen.getImageData(x * sheet.width, y * sheet.height, 1, 1).data[0];
}"""

# The colour of the picture that the form would send, at a pixel.
SENT = """async ([x, y]) => {
  const file = document.querySelector("#mask input[type=file]").files[0], sheet = document.createElement("canvas");
  const picture = await createImageBitmap(file);
  sheet.width = picture.width; sheet.height = picture.height;
  const pen = sheet.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return [...pen.getImageData(x, y, 1, 1).data].slice(0, 3);
}"""


def draw(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Draw a box with the mouse; its edges are parts of the sheet's width and height."""
    sheet = page.locator("#sheet").bounding_box()
    assert sheet is not None
    page.mouse.move(sheet["x"] + left * sheet["width"], sheet["y"] + top * sheet["height"])
    page.mouse.down()
    page.mouse.move(sheet["x"] + right * sheet["width"], sheet["y"] + bottom * sheet["height"], steps=4)  # fmt: skip
    page.mouse.up()


@pytest.mark.parametrize("size", SIZES)
def test_what_a_person_covers_with_the_mouse_is_black_at_the_door_and_the_rest_can_be_read(
    house: House,
    opened: Callable[..., Watched],  # noqa: F811 - a fixture
    size: str,
) -> None:
    org: Organisation = house.new_organisation()
    lead = house.signed_in(org, "shift_lead")
    shown = send(lead, "/orders/new", typed(org), {"document": png(wide=400, high=300)})
    case = CASE.search(shown.url) or CASE.search(shown.text)
    mask = re.search(r"/cases/[0-9a-f-]+/papers/[0-9a-f-]+/mask", shown.text)
    assert case is not None
    assert mask is not None
    watched = opened(mask[0], size, lead)
    page = watched.page
    expect(page.locator("#draw")).to_be_visible()
    watched.is_sound()
    page.locator("#sheet").scroll_into_view_if_needed()
    draw(page, 0.1, 0.1, 0.4, 0.3)
    draw(page, 0.6, 0.6, 0.9, 0.9)
    expect(page.locator("#boxes")).to_contain_text("2")
    draw(page, 0.45, 0.45, 0.55, 0.55)
    page.locator("#undo").click()
    expect(page.locator("#boxes")).to_contain_text("2")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Keep it for the doors").click()
    page.wait_for_url(f"**/cases/{case[1]}/orders")
    assert watched.complaints == []
    guard = opened(f"/cases/{case[1]}/first-page", size, house.signed_in(org, "guard")).page
    guard.get_by_role("button", name="open the first page").click()
    expect(guard.locator("img.paper")).to_be_visible()
    brightness = [guard.evaluate(BRIGHTNESS, at) for at in ([0.2, 0.2], [0.8, 0.8], [0.5, 0.5], [0.2, 0.8])]  # fmt: skip
    assert [value < 20 for value in brightness] == [True, True, False, False]


def test_a_box_can_be_drawn_with_the_keyboard_alone(
    house: House,
    opened: Callable[..., Watched],  # noqa: F811 - a fixture
) -> None:
    org: Organisation = house.new_organisation()
    lead = house.signed_in(org, "shift_lead")
    shown = send(lead, "/orders/new", typed(org), {"document": png(wide=400, high=300)})
    mask = re.search(r"/cases/[0-9a-f-]+/papers/[0-9a-f-]+/mask", shown.text)
    assert mask is not None
    page = opened(mask[0], "desk", lead).page
    expect(page.locator("#draw")).to_be_visible()
    page.locator("#sheet").focus()
    # From the middle one corner is set; three steps to the right and down, the other.
    for key in ("Enter", *["ArrowRight", "ArrowDown"] * 3, "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#boxes")).to_contain_text("1")
    # What is sent is the picture with its box, without the cross at its corner.
    # Asked from here again and again: a page that forbids eval lets no script of ours wait inside it.
    for _ in range(200):
        if page.evaluate("document.querySelector('#mask input[type=file]').files.length"):
            break
        page.wait_for_timeout(50)
    assert max(page.evaluate(SENT, [230, 180])) < 20
    assert min(page.evaluate(SENT, [190, 150])) > 200
    assert min(page.evaluate(SENT, [275, 211])) > 200


def masked_picture(house: House, opened: Callable[..., Watched], size: str, address: str) -> tuple[bytes, bytes]:  # noqa: F811 # fmt: skip
    """Cover the second line of a PDF with the mouse; return the page as drawn, and the picture at the door."""
    org: Organisation = house.new_organisation()
    lead = house.signed_in(org, "shift_lead")
    shown = send(
        lead, "/orders/new", typed(org), {"document": pdf("ORDER", address, "Do not go there")}
    )
    case = CASE.search(shown.url)
    mask = re.search(r"/cases/[0-9a-f-]+/papers/[0-9a-f-]+/mask", shown.text)
    assert case is not None
    assert mask is not None
    watched = opened(mask[0], size, lead)
    page = watched.page
    expect(page.locator("#draw")).to_be_visible()
    watched.is_sound()
    original = page.locator("#original").get_attribute("src") or ""
    page.locator("#sheet").scroll_into_view_if_needed()
    draw(page, 0.05, 0.12, 0.95, 0.165)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Keep it for the doors").click()
    page.wait_for_url(f"**/cases/{case[1]}/orders")
    assert watched.complaints == []
    guard = opened(f"/cases/{case[1]}/first-page", size, house.signed_in(org, "guard")).page
    guard.get_by_role("button", name="open the first page").click()
    expect(guard.locator("img.paper")).to_be_visible()
    at = ([0.5, 0.14], [0.5, 0.5])
    assert [guard.evaluate(BRIGHTNESS, place) < 20 for place in at] == [True, False]
    kept = guard.locator("img.paper").get_attribute("src") or ""
    return tuple(base64.b64decode(src.partition(",")[2]) for src in (original, kept))  # type: ignore[return-value]


@pytest.mark.parametrize("size", SIZES)
def test_the_picture_of_a_pdf_is_the_same_to_the_byte_whatever_lies_under_its_box(
    house: House,
    opened: Callable[..., Watched],  # noqa: F811 - a fixture
    size: str,
) -> None:
    one, kept = masked_picture(house, opened, size, "7 Hidden Lane")
    other, also_kept = masked_picture(house, opened, size, "22 Nowhere Road, second floor")
    assert one != other
    assert kept == also_kept
    assert kind_of(kept) == JPEG
