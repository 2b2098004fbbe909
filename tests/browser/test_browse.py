"""Browse, as a visitor does it."""

import re

import pytest
from drawing import SEVEN, draw, expect_digit
from playwright.sync_api import expect


@pytest.fixture
def browse(page):
    """The page with the Browse tab open."""
    page.get_by_role("tab", name="Browse").click()
    expect(page.locator("#browse-label")).to_have_text("5")  # training index 0
    return page


def test_the_first_sample_is_read_at_once(browse):
    expect(browse.locator("#browse-result .digit")).to_have_text("5")


def test_index_10_of_the_training_set_is_a_3(browse):
    browse.locator("#browse-index input").fill("10")
    expect(browse.locator("#browse-label")).to_have_text("3")
    expect(browse.locator("#browse-result .digit")).to_have_text("3")


def test_buttons_and_keys_walk_through_the_samples(browse):
    index = browse.locator("#browse-index input")
    browse.locator("#browse-next").click()
    expect(index).to_have_value("1")
    expect(browse.locator("#browse-label")).to_have_text("0")
    browse.locator("#browse-image").click()
    browse.keyboard.press("ArrowRight")
    expect(index).to_have_value("2")
    browse.keyboard.press("ArrowLeft")
    browse.keyboard.press("ArrowLeft")
    expect(index).to_have_value("0")
    browse.locator("#browse-previous").click()
    expect(index).to_have_value("0")


def test_quick_clicks_all_count(browse):
    for _ in range(5):
        browse.locator("#browse-next").click()
    expect(browse.locator("#browse-index input")).to_have_value("5")
    expect(browse.locator("#browse-label")).to_have_text("2")


def test_random_goes_somewhere_in_the_split(browse):
    browse.locator("#browse-random").click()
    expect(browse.locator("#browse-index input")).not_to_have_value("0")


def test_the_other_split_is_a_click_away(browse):
    browse.locator("#browse-split").get_by_text("Test").click()
    expect(browse.locator("#browse-label")).to_have_text("7")
    expect(browse.locator(".position")).to_have_text("Test set, index 0 of 10,000")


def test_a_smaller_split_shows_its_last_sample_for_an_index_behind_its_end(browse):
    browse.locator("#browse-index input").fill("50000")
    expect(browse.locator(".position")).to_contain_text("50,000 of")
    browse.locator("#browse-split").get_by_text("Test").click()
    expect(browse.locator("#browse-index input")).to_have_value("9999")
    browse.locator("#browse-previous").click()
    expect(browse.locator("#browse-index input")).to_have_value("9998")


@pytest.mark.parametrize("text", ["60000", "-1", "1.5", ""])
def test_an_index_that_is_not_there_says_what_is_allowed(browse, text):
    browse.locator("#browse-index input").fill(text)
    expect(browse.locator("#browse-viewer [role=alert]")).to_contain_text("expected a whole number from 0 to 59,999")
    expect(browse.locator("#browse-label")).to_have_text("5")  # what was shown stays
    browse.locator("#browse-index input").fill("10")
    expect(browse.locator("#browse-viewer [role=alert]")).to_be_hidden()
    expect(browse.locator("#browse-label")).to_have_text("3")


def test_open_in_draw_puts_the_sample_on_the_pad(browse):
    for _ in range(2):  # the same sample again, after the pad was cleared
        browse.locator("#browse-index input").fill("10")
        expect(browse.locator("#browse-label")).to_have_text("3")
        browse.locator("#browse-open-in-draw").click()
        expect(browse.locator("#draw-pad canvas")).to_be_visible()
        expect_digit(browse, 3)
        browse.locator("#draw-clear").click()
        browse.get_by_role("tab", name="Browse").click()


@pytest.fixture
def grid(browse):
    expect(browse.get_by_role("option", name="Index 0, labelled 5")).to_be_visible()
    return browse.locator("#browse-grid")


def read_state(browse):
    return browse.locator("#browse-filters .state")


class TestGallery:
    def test_a_click_shows_a_sample(self, browse, grid):
        browse.get_by_role("option", name="Index 10, labelled 3").click()
        expect(browse.locator("#browse-index input")).to_have_value("10")
        expect(browse.locator("#browse-label")).to_have_text("3")

    def test_it_holds_all_and_makes_few(self, browse, grid):
        expect(read_state(browse)).to_have_text("60,000 of 60,000")
        assert grid.locator("[role=option]").count() < 400
        grid.evaluate("grid => (grid.scrollTop = grid.scrollHeight)")
        last = browse.get_by_role("option", name="Index 59999, labelled 8")
        expect(last).to_be_visible()
        assert grid.locator("[role=option]").count() < 400
        last.click()
        expect(browse.locator("#browse-index input")).to_have_value("59999")

    def test_an_index_far_away_is_brought_into_view(self, browse, grid):
        browse.locator("#browse-index input").fill("40000")
        chosen = browse.locator("#browse-grid [aria-selected=true]")
        expect(chosen).to_have_attribute("aria-label", re.compile("^Index 40000, "))
        expect(chosen).to_be_in_viewport()

    def test_the_keyboard_walks_through_it(self, browse, grid):
        index = browse.locator("#browse-index input")
        grid.focus()
        browse.keyboard.press("ArrowRight")
        expect(index).to_have_value("1")
        browse.keyboard.press("ArrowDown")
        columns = int(index.input_value()) - 1
        browse.keyboard.press("End")
        expect(index).to_have_value("59999")
        browse.keyboard.press("Home")
        expect(index).to_have_value("0")
        assert columns >= 0

    def test_sizes(self, browse, grid):
        before = browse.locator("#browse-sample-0").bounding_box()["width"]
        browse.get_by_role("button", name="Large pictures").click()
        assert browse.locator("#browse-sample-0").bounding_box()["width"] > before

    def test_a_label_and_a_step_within_it(self, browse, grid):
        browse.locator("#browse-filters [name=label]").select_option("3")
        expect(read_state(browse)).to_have_text("6,131 of 60,000")
        expect(browse.get_by_role("option", name="Index 7, labelled 3")).to_be_visible()
        browse.locator("#browse-next").click()
        expect(browse.locator("#browse-index input")).to_have_value("7")
        browse.locator("#browse-next").click()
        expect(browse.locator("#browse-index input")).to_have_value("10")

    def test_quick_steps_within_a_filter_all_count(self, browse, grid):
        browse.locator("#browse-filters [name=label]").select_option("3")
        expect(read_state(browse)).to_have_text("6,131 of 60,000")
        browse.evaluate("() => { for (let i = 0; i < 3; i++) document.querySelector('#browse-next').click(); }")
        expect(browse.locator("#browse-index input")).to_have_value("12")  # 3s stand at 7, 10, 12 ...

    def test_mistakes_of_a_network_and_their_counts(self, browse, grid):
        browse.locator("#browse-split").get_by_text("Test").click()
        browse.locator("#browse-model input").click()
        browse.locator("ul").get_by_role("option", name=re.compile("^mlp-relu")).click()
        expect(browse.locator(".mistakes-count")).to_have_text(re.compile(r"^\d{3}$"))
        count = browse.locator(".mistakes-count").text_content()
        browse.locator("#browse-filters [name=mistakes]").check()
        expect(read_state(browse)).to_have_text(f"{count} of 10,000")
        first = browse.locator("#browse-sample-0")
        expect(first).to_have_class("wrong")
        label, guess = re.fullmatch(
            r"Index \d+, labelled (\d), read as (\d)", first.get_attribute("aria-label")
        ).groups()
        assert label != guess

    def test_likely_label_errors_the_surest_first(self, page, demo):
        page.goto(f"{demo.local_url}?tab=browse&split=test&doubtful=1&order=doubt&descending=1")
        expect(read_state(page)).to_have_text(re.compile(r"^\d\d of 10,000$"))
        expect(page.locator(".doubtful-count")).to_have_text(re.compile(r"^\d\d$"))
        # That it is checked can be seen: Gradio's own mark is white on white.
        expect(page.locator("#browse-filters [name=doubtful]")).to_have_css("appearance", "auto")
        first = page.locator("#browse-sample-0")
        expect(first).to_have_attribute("aria-label", re.compile("labelled"))
        label = re.search(r"labelled (\d)", first.get_attribute("aria-label"))[1]
        first.click()
        doubt = page.locator("#browse-details .doubt")
        expect(doubt).to_contain_text(f"Likely label error: labelled {label}, networks that did not learn from it say")
        page.locator("#browse-index input").fill("0")
        expect(page.locator("#browse-label")).to_have_text("7")
        expect(doubt).to_be_hidden()

    def test_whether_one_network_is_better_than_another(self, page, demo):
        both = "network=mlp-relu&order=disagreement&other=digitnet"
        page.goto(f"{demo.local_url}?tab=browse&split=test&{both}")
        expect(page.locator("#browse-model input")).to_have_value(re.compile("^mlp-relu"))
        sentence = page.locator("#browse-filters .comparison")
        expect(sentence).to_have_text(
            re.compile(r"Both are right on 9,\d{3}, only mlp-relu on \d+, only digitnet on \d{3}")
        )
        expect(sentence).to_contain_text("McNemar's test: p < 0.001, more than chance.")

    def test_all_of_it_stands_in_the_address(self, browse, grid):
        browse.locator("#browse-split").get_by_text("Test").click()
        browse.locator("#browse-filters [name=label]").select_option("4")
        browse.locator("#browse-filters [name=descending]").check()
        expect(browse.get_by_role("option", name="Index 9997, labelled 4")).to_be_visible()
        browse.get_by_role("option", name="Index 9997, labelled 4").click()
        expect(browse.locator("#browse-index input")).to_have_value("9997")
        browse.wait_for_function("location.search.includes('index=9997')")
        browse.goto(browse.url)
        expect(browse.locator("#browse-index input")).to_have_value("9997")
        expect(browse.locator("#browse-label")).to_have_text("4")
        expect(browse.locator("#browse-filters [name=label]")).to_have_value("4")
        expect(read_state(browse)).to_have_text("982 of 10,000")

    def test_a_link_to_one_sample(self, page, demo):
        page.goto(f"{demo.local_url}?tab=browse&split=test&index=10")
        expect(page.locator("#browse-label")).to_have_text("0")
        expect(page.locator(".position")).to_have_text("Test set, index 10 of 10,000")

    def test_a_link_to_a_sample_as_a_network_reads_it(self, page, demo):
        page.goto(f"{demo.local_url}?tab=browse&split=test&index=2597&network=mlp-relu")
        menu, position = page.locator("#browse-model input"), page.locator(".position")
        expect(menu).to_have_value(re.compile("^mlp-relu"))
        expect(position).to_have_text("Test set, index 2,597 of 10,000")
        expect(page.locator("#browse-result .digit")).to_have_text("5")  # which digitnet, the first one, reads as 3
        page.locator("#browse-next").click()
        expect(position).to_have_text("Test set, index 2,598 of 10,000")
        expect(menu).to_have_value(re.compile("^mlp-relu"))


class TestDetails:
    def test_every_network_and_the_neighbours(self, browse):
        answers = browse.locator("#browse-details .answers th")
        expect(answers.nth(4)).to_be_visible()
        assert answers.all_inner_texts()[:5] == ["digitnet", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet"]
        neighbours = browse.locator("#browse-neighbours .neighbours button")
        expect(neighbours).to_have_count(12)
        assert neighbours.first.get_attribute("title") == "Training index 0, labelled 5, distance 0"
        title = neighbours.nth(3).get_attribute("title")
        neighbours.nth(3).click()
        expect(browse.locator("#browse-index input")).to_have_value(re.match(r"Training index (\d+)", title)[1])

    def test_neighbours_in_the_last_layer_of_the_chosen_network(self, browse):
        neighbours = browse.locator("#browse-neighbours .neighbours button")
        hint = browse.locator("#browse-neighbours .hint")
        expect(neighbours).to_have_count(12)
        browse.locator("#browse-model input").click()
        browse.get_by_role("option", name=re.compile("^mlp-relu")).click()
        browse.get_by_role("button", name="in the network's last layer").focus()
        browse.keyboard.press("Enter")
        expect(hint).to_contain_text("50 numbers in the last hidden layer of mlp-relu")
        expect(browse.get_by_role("button", name="in the network's last layer")).to_have_attribute(
            "aria-pressed", "true"
        )
        expect(neighbours.first).to_have_attribute("title", "Training index 0, labelled 5, distance 0")
        browse.locator("#browse-model input").click()
        browse.get_by_role("option", name=re.compile("^fastnet")).click()
        expect(hint).to_contain_text("128 numbers in the last hidden layer of fastnet")
        browse.locator("#browse-next").click()
        expect(neighbours.first).to_have_attribute("title", "Training index 1, labelled 0, distance 0")
        browse.get_by_role("button", name="in pixels").click()
        expect(hint).to_contain_text("distance of their pixels")

    def test_where_a_sample_lies_in_its_file(self, browse):
        browse.locator("#browse-index input").fill("10")
        expect(browse.locator("#browse-label")).to_have_text("3")
        browse.get_by_text("Where it lies in its file").click()
        file = browse.locator("#browse-file")
        expect(file).to_contain_text(re.compile(r"7856 = 16 \+ 784 . index, of 47,040,016 bytes\."))
        expect(file).to_contain_text("Its label, 3, lies at offset 18 = 8 + index")
        expect(file.locator(".bytes td")).to_have_count(784)
        expect(file.locator(".header").first).to_contain_text("00 00 ea 60")
        browse.locator("#browse-next").click()
        expect(file).to_contain_text(re.compile(r"8640 = 16 \+ 784 . index"))

    def test_a_row_of_pixels_is_lit_in_the_picture_and_among_the_bytes(self, browse):
        browse.get_by_text("Where it lies in its file").click()
        lines, mark = browse.locator("#browse-file .bytes tr"), browse.locator("#browse-viewer .picture .row")
        lines.nth(10).hover()
        expect(lines.nth(10)).to_have_class("lit")
        picture, row = browse.locator("#browse-image").bounding_box(), mark.bounding_box()
        assert row["y"] - picture["y"] == pytest.approx(10 / 28 * picture["height"], abs=1)
        browse.locator("#browse-image").hover(position={"x": 20, "y": 20.5 / 28 * picture["height"]})
        expect(lines.nth(20)).to_have_class("lit")
        expect(browse.locator("#browse-file tr.lit")).to_have_count(1)
        browse.locator("#browse-label").hover()
        expect(browse.locator("#browse-file tr.lit")).to_have_count(0)
        expect(mark).to_be_hidden()


def test_the_dataset_at_a_glance_leads_to_its_samples(browse, grid):
    browse.get_by_text("The dataset at a glance").click()
    overview = browse.locator("#browse-overview")
    expect(overview.locator(".classes button")).to_have_count(10)
    overview.get_by_role("button", name="1: 6,742 samples").click()
    expect(read_state(browse)).to_have_text("6,742 of 60,000")
    bar = overview.locator(".bars[data-measure=slant] button").nth(16)
    count = int(re.search(r": ([\d,]+) samples", bar.get_attribute("aria-label"))[1].replace(",", ""))
    bar.focus()
    browse.keyboard.press("Enter")
    expect(browse.locator("#browse-filters [name=slant-from]")).to_be_visible()
    expect(read_state(browse)).not_to_have_text("6,742 of 60,000")
    browse.locator("#browse-filters [name=label]").select_option("")
    found = re.compile(r"^([\d,]+) of 60,000$")
    expect(read_state(browse)).to_have_text(found)
    browse.wait_for_function("location.search.includes('slant-from=')")
    expect(read_state(browse)).to_have_text(re.compile(f"^{count:,} of|^{count - 1:,} of|^{count + 1:,} of"))
    browse.locator("#browse-split").get_by_text("Test").click()
    expect(overview.get_by_role("button", name="1: 1,135 samples")).to_be_visible()


class TestMap:
    @pytest.fixture
    def opened(self, browse):
        browse.locator("#browse-split").get_by_text("Test").click()
        browse.locator("#browse-map summary").click()
        expect(browse.locator("#browse-map .legend li")).to_have_count(10)
        return browse

    def surround(self, page, lasso):
        """Drag around the middle of the map."""
        page.locator("#browse-map canvas").scroll_into_view_if_needed()
        box = page.locator("#browse-map canvas").bounding_box()
        if lasso:
            page.get_by_role("button", name="Lasso").click()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x - 60, y - 60)
        page.mouse.down()
        for corner in ((60, -60), (60, 60), (-60, 60)):
            page.mouse.move(x + corner[0], y + corner[1], steps=4)
        page.mouse.up()

    def test_a_lasso_filters_the_gallery_and_stands_in_the_address(self, opened):
        state = opened.locator("#browse-filters .state")
        expect(state).to_have_text("10,000 of 10,000")
        self.surround(opened, lasso=True)
        expect(state).to_have_text(re.compile(r"^[\d,]{1,5} of 10,000$"))
        found = state.inner_text()
        assert found not in ("0 of 10,000", "10,000 of 10,000")
        opened.reload()
        expect(opened.locator("#browse-map .legend li")).to_have_count(10)  # it is open, and shows the outline
        expect(state).to_have_text(found)
        opened.get_by_role("button", name="On the map").click()
        expect(state).to_have_text("10,000 of 10,000")
        assert "area=" not in opened.url

    def test_without_the_lasso_a_drag_only_moves_the_map(self, opened):
        self.surround(opened, lasso=False)
        assert "area=" not in opened.url
        expect(opened.locator("#browse-label")).to_have_text("7")

    def test_a_point_shows_its_sample(self, opened):
        opened.locator("#browse-map canvas").focus()
        tip = opened.locator("#browse-map .tip .text")
        opened.keyboard.press("+")
        for _ in range(10):  # from the void between clusters into one of them
            if tip.is_visible():
                break
            opened.keyboard.press("ArrowLeft")
        expect(tip).to_be_visible()
        index = re.search(r"([\d,]+)$", tip.inner_text())[1].replace(",", "")
        opened.keyboard.press("Enter")
        expect(opened.locator("#browse-index input")).to_have_value(index)

    def test_the_drawing_has_a_place(self, opened):
        opened.get_by_role("tab", name="Draw").click()
        draw(opened, SEVEN)
        expect_digit(opened, 7)
        with opened.expect_response("**/map/place") as answered:
            opened.get_by_role("tab", name="Browse").click()
        assert answered.value.json().keys() == {"t-sne", "pca"}
