"""Draw, as a visitor does it."""

import pytest
from drawing import ONE, SEVEN, draw, expect_digit, expect_empty, ink_of, on_pad
from PIL import Image
from playwright.sync_api import expect

from mnist_demo.data.datasets import load_split


@pytest.fixture(scope="module")
def seven(tmp_path_factory):
    """A photo-like picture of a 7: dark ink on light paper, wider than high."""
    digit = Image.fromarray(255 - load_split(train=False).images[0]).resize((300, 300))
    paper = Image.new("L", (400, 300), 255)
    paper.paste(digit, (50, 0))
    path = tmp_path_factory.mktemp("pictures") / "seven.png"
    paper.save(path)
    return path


def test_a_drawn_digit_is_read_with_its_confidence_and_what_the_network_sees(page):
    expect_empty(page)
    draw(page, SEVEN)
    expect_digit(page, 7)
    expect(page.locator("#draw-result .confidence")).to_contain_text("%")
    assert page.locator("#draw-result .bar.best").get_attribute("data-name") == "7"


NOISE = """
    const noise = () => {
        throw new Error("the page reads a canvas back");
    };
    HTMLCanvasElement.prototype.toDataURL = HTMLCanvasElement.prototype.toBlob = noise;
    OffscreenCanvas.prototype.convertToBlob = noise;
    CanvasRenderingContext2D.prototype.getImageData = OffscreenCanvasRenderingContext2D.prototype.getImageData = noise;
"""


def test_no_canvas_is_read_back(browser, demo, seven):
    """Browsers that guard against fingerprinting return noise."""
    context = browser.new_context()
    context.add_init_script(NOISE)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(demo.local_url)
    page.wait_for_selector("#draw-pad .hint")
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.locator("#draw-clear").click()
    page.locator("#draw-pad input[type=file]").set_input_files(seven)
    expect_digit(page, 7)
    page.locator("#draw-clear").click()
    page.locator("#draw-camera").click()
    page.locator("#draw-camera", has_text="Take").click()
    expect(page.locator("#draw-pad video")).to_be_hidden()
    expect(page.locator("#draw-result .digit")).not_to_have_text("Draw a digit")
    context.close()
    assert errors == []


@pytest.fixture
def sent(page):
    """What the page asks the server to read, from now on."""
    requests = []
    page.on("request", lambda request: requests.append(request) if "/read?" in request.url else None)
    return requests


def test_a_digit_takes_less_than_a_kilobyte_a_reading(page, sent):
    draw(page, SEVEN)
    expect_digit(page, 7)
    assert len(sent) > 1
    assert all(len(request.post_data_buffer) < 1000 for request in sent)
    assert sent[-1].post_data_json["pen"] == 65


def test_a_tap_is_a_dot_on_the_pad_and_in_what_is_sent(page, sent):
    ((x, y),) = on_pad(page, [(0.5, 0.25)])
    with page.expect_response("**/read?*moving=0"):
        page.mouse.click(x, y)
    (stroke,) = sent[-1].post_data_json["strokes"]
    assert stroke[:2] == pytest.approx([500, 250], abs=3)
    assert stroke in (stroke[:2], stroke[:2] * 2)
    assert ink_of(page) > 0


def test_the_pen_has_three_widths_and_what_is_drawn_follows(page, sent):
    draw(page, SEVEN)
    expect_digit(page, 7)
    pen = page.locator("#draw-pen")
    ink = [ink_of(page)]
    for name in ("thick", "thin", "medium"):
        with page.expect_response("**/read?*"):
            pen.click()
        expect(pen).to_have_attribute("aria-label", f"Pen width: {name}")
        ink.append(ink_of(page))
    medium, thick, thin, again = ink
    assert thin < medium == again < thick
    expect_digit(page, 7)
    assert {request.post_data_json["pen"] for request in sent} == {100, 35, 65}


def test_strokes_over_a_picture_are_read_with_it(page, tmp_path):
    Image.new("L", (300, 200), 230).save(tmp_path / "paper.png")
    page.locator("#draw-pad input[type=file]").set_input_files(tmp_path / "paper.png")
    expect(page.locator("#draw-result .digit")).not_to_have_text("Draw a digit")
    draw(page, [(0.4, 0.3), (0.6, 0.3), (0.5, 0.65)])
    expect_digit(page, 7)


def test_the_same_example_can_be_laid_again(page):
    example = page.get_by_role("button", name="A crossed 7")
    for _ in range(2):
        example.click()
        expect_digit(page, 7)
        page.locator("#draw-clear").click()
        expect_empty(page)


def test_another_network_reads_the_same_drawing_again(page):
    draw(page, [(0.3, 0.3), (0.6, 0.35), (0.4, 0.6), (0.6, 0.7)])  # nothing that two networks agree on
    expect(page.locator("#draw-result .confidence")).to_contain_text("%")
    before = page.locator("#draw-result .bar").evaluate_all("bars => bars.map((bar) => bar.dataset.percent).join()")
    page.locator("#draw-model input").click()
    page.get_by_role("option", name="mlp-sigmoid").click()
    page.wait_for_function(
        "before => [...document.querySelectorAll('#draw-result .bar')].map((b) => b.dataset.percent).join() !== before",
        arg=before,
    )


def test_the_drawing_survives_a_visit_to_another_tab(page):
    draw(page, SEVEN)
    ink = ink_of(page)
    page.get_by_role("tab", name="Browse").click()
    expect(page.locator("#browse-label")).to_be_visible()
    page.get_by_role("tab", name="Draw").click()
    expect_digit(page, 7)
    assert ink_of(page) == ink
    draw(page, [(0.4, 0.5), (0.7, 0.5)])
    assert ink_of(page) > ink


def test_a_picture_from_a_file_goes_the_same_way(page, seven):
    page.locator("#draw-pad input[type=file]").set_input_files(seven)
    expect_digit(page, 7)
    page.locator("#draw-clear").click()
    expect_empty(page)


@pytest.mark.parametrize("ink", ["black", "white"])
def test_ink_on_a_transparent_ground_is_read(page, tmp_path, ink):
    mask = Image.fromarray(load_split(train=False).images[0]).resize((300, 300))
    picture = Image.new("RGBA", mask.size, (0, 0, 0, 0))
    picture.paste(Image.new("RGBA", mask.size, ink), mask=mask)
    picture.save(tmp_path / "seven.png")
    page.locator("#draw-pad input[type=file]").set_input_files(tmp_path / "seven.png")
    expect_digit(page, 7)


def test_clearing_under_the_pen_ends_the_stroke(page):
    draw(page, SEVEN, lift=False)
    page.keyboard.press("Delete")
    page.mouse.move(*on_pad(page, [(0.2, 0.2)])[0])
    page.mouse.up()
    expect_empty(page)
    assert ink_of(page) == 0
    draw(page, ONE)
    expect_digit(page, 1)


def test_a_picture_can_be_pasted(page, seven):
    page.evaluate(
        """async (bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "seven.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        list(seven.read_bytes()),
    )
    expect_digit(page, 7)


def test_a_file_that_is_no_picture_is_told_and_the_drawing_stays(page, tmp_path):
    path = tmp_path / "digit.png"
    path.write_text("not a picture")
    draw(page, SEVEN)
    page.locator("#draw-pad input[type=file]").set_input_files(path)
    notice = page.locator("#draw-pad .notice")
    expect(notice).to_have_text("“digit.png” is not a picture that this browser can show.")
    expect_digit(page, 7)
    ink = ink_of(page)
    draw(page, [(0.4, 0.5), (0.7, 0.5)])
    expect(notice).to_be_hidden()
    assert ink_of(page) > ink


def test_the_camera_shows_itself_and_its_picture_is_read(page):
    page.locator("#draw-camera").click()
    expect(page.locator("#draw-pad video")).to_be_visible()
    expect(page.locator("#draw-camera")).to_be_enabled()
    page.locator("#draw-camera", has_text="Take").click()
    expect(page.locator("#draw-pad video")).to_be_hidden()
    assert ink_of(page) > 0
    expect(page.locator("#draw-result .digit")).not_to_have_text("Draw a digit")


def test_a_screen_reader_hears_what_the_pad_is(page):
    assert "Drawing pad" in page.locator("#draw-pad canvas").get_attribute("aria-label")
    assert page.locator("#draw-result [role=status]").get_attribute("aria-live") == "polite"


def touch(page, points, lift=True):
    """Draw with a finger, as the browser reports a real one."""
    session = page.context.new_cdp_session(page)
    pixels = on_pad(page, points)
    for kind, (x, y) in [("touchStart", pixels[0]), *(("touchMove", point) for point in pixels[1:])]:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    if lift:
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def draw_with_pen(page, points):
    """Draw with a pen, as the browser reports a real one."""
    session = page.context.new_cdp_session(page)
    pixels = on_pad(page, points)
    kinds = ["mousePressed", *["mouseMoved"] * (len(pixels) - 1)]
    for kind, (x, y) in [*zip(kinds, pixels, strict=True), ("mouseReleased", pixels[-1])]:
        pen = {"type": kind, "x": x, "y": y, "pointerType": "pen", "button": "left", "clickCount": 1}
        session.send("Input.dispatchMouseEvent", pen | {"buttons": int(kind != "mouseReleased")})


def is_in_view(page, selector):
    return page.locator(selector).evaluate(
        """element => {
            const { top, bottom } = element.getBoundingClientRect();
            return top >= 0 && bottom <= innerHeight;
        }"""
    )


class TestTablet:
    @pytest.fixture
    def context_options(self):
        return {"viewport": {"width": 1024, "height": 768}, "has_touch": True}

    def test_the_pen_wins_over_the_hand_that_holds_it(self, page):
        touch(page, [(0.9, 0.8), (0.9, 0.9)], lift=False)
        assert ink_of(page) > 0
        draw_with_pen(page, ONE)
        expect_digit(page, 1)
        ink = ink_of(page)
        touch(page, [(0.9, 0.8), (0.9, 0.9)])
        assert ink_of(page) == ink
        page.locator("#draw-clear").click()
        draw_with_pen(page, ONE)
        assert ink_of(page) == ink  # so nothing of the palm was in it


class TestPhone:
    @pytest.fixture
    def context_options(self):
        return {
            "viewport": {"width": 390, "height": 844},
            "device_scale_factor": 3,
            "has_touch": True,
            "is_mobile": True,
        }

    def test_a_finger_draws_and_the_page_stays_where_it_is(self, page):
        touch(page, [(0.5, 0.2), (0.5, 0.3), (0.5, 0.45), (0.5, 0.6), (0.5, 0.8)])
        expect_digit(page, 1)
        assert page.evaluate("scrollY") == 0

    def test_the_pad_is_sharp_and_nothing_is_wider_than_the_screen(self, page):
        assert page.evaluate("document.querySelector('#draw-pad canvas').width") == pytest.approx(
            3 * page.locator("#draw-pad canvas").bounding_box()["width"], abs=3
        )
        for tab in ("Browse", "Train now", "Draw"):
            page.get_by_role("tab", name=tab).click()
            assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    def test_the_pad_and_its_answer_are_in_view_together(self, page):
        touch(page, ONE)
        expect_digit(page, 1)
        for selector in ("#draw-pad .board", "#draw-pad .tools", "#draw-result .answer", "#draw-result .bars"):
            assert is_in_view(page, selector), selector
        assert page.locator("#draw-pad .board").bounding_box()["width"] > 300

    def test_an_example_far_below_brings_the_pad_into_view(self, page):
        example = page.get_by_role("button", name="A crossed 7")
        example.scroll_into_view_if_needed()
        page.mouse.wheel(0, 2000)
        page.wait_for_function("scrollY > 50")
        assert not is_in_view(page, "#draw-pad canvas")
        example.tap()
        expect(page.locator("#draw-pad canvas")).to_be_in_viewport(ratio=1)
        expect_digit(page, 7)

    def test_open_in_draw_shows_the_pad(self, page):
        page.get_by_role("tab", name="Browse").click()
        page.locator("#browse-open-in-draw").tap()
        expect(page.locator("#draw-pad canvas")).to_be_in_viewport(ratio=1)
        expect_digit(page, 5)


class TestPhoneOnItsSide(TestPhone):
    @pytest.fixture
    def context_options(self):
        return {
            "viewport": {"width": 844, "height": 390},
            "device_scale_factor": 3,
            "has_touch": True,
            "is_mobile": True,
        }
