"""A look inside the network that reads the pad, as a visitor takes it."""

import re

import pytest
from drawing import ONE, SEVEN, draw, expect_digit
from playwright.sync_api import expect

from mnist_demo.insight.damage import DAMAGES


@pytest.fixture
def inside(page):
    """The page with a 7 on the pad, and the look inside open."""
    draw(page, SEVEN)
    expect_digit(page, 7)
    page.get_by_text("Look inside the network").click()
    expect(page.locator("#inside-saliency")).to_be_visible()
    return page


def pixels_of(page, selector):
    """Return the colours of a small canvas, to compare them."""
    return page.locator(selector).evaluate(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return Array.from(data).join();
        }"""
    )


def wait_for_change(page, selector, before):
    page.wait_for_function(
        """([selector, before]) => {
            const canvas = document.querySelector(selector);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return Array.from(data).join() !== before;
        }""",
        arg=[selector, before],
    )


def test_nothing_is_asked_while_it_is_closed(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/inside/" in request.url else None)
    draw(page, SEVEN)
    expect_digit(page, 7)
    assert [url for url in asked if "modules" not in url] == []


def test_an_empty_pad_invites_to_draw(page):
    page.get_by_text("Look inside the network").click()
    expect(page.locator("#draw-inside .nothing")).to_have_text(
        "Draw something to see why the network reads it as it does."
    )
    expect(page.locator("#inside-saliency")).to_be_hidden()


def test_which_pixels_speak_for_a_digit_and_against_another(inside):
    total = inside.locator("#inside-saliency .total")
    expect(total).to_have_text(re.compile(r"All pixels together change the score of 7 by \d+\.\d\."))
    before = pixels_of(inside, "#inside-saliency .gradients")
    inside.locator("#inside-saliency [name=against]").select_option("1")
    expect(total).to_have_text(re.compile(r"change the lead of 7 over 1 by -?\d+\.\d\."))
    wait_for_change(inside, "#inside-saliency .gradients", before)


def test_it_follows_the_drawing_and_the_network(inside):
    expect(inside.locator("#inside-saliency .total")).to_contain_text("the score of 7")
    inside.locator("#draw-clear").click()
    expect(inside.locator("#inside-saliency")).to_be_hidden()
    draw(inside, ONE)
    expect(inside.locator("#inside-saliency .total")).to_contain_text("the score of 1")
    inside.locator("#draw-model input").click()
    inside.get_by_role("option", name="cnn").click()
    expect(inside.locator("#inside-maps .layer").first).to_contain_text("Conv 5x5, 1 → 32")


def test_the_damaged_picture_is_read_as_the_slider_moves(inside):
    caption = inside.locator("#inside-damage figcaption")
    expect(caption).to_contain_text("Read as 7")
    before = pixels_of(inside, "#inside-damage .changed")
    strength = inside.locator("#inside-damage [name=strength]")
    strength.focus()
    for _ in range(40):
        inside.keyboard.press("ArrowLeft")
    expect(inside.locator("#inside-damage .strength output")).to_have_text("-80 degrees")
    wait_for_change(inside, "#inside-damage .changed", before)
    inside.locator("#inside-damage [name=damage]").select_option("erase")
    expect(inside.locator("#inside-damage .strength output")).to_have_text("0.00 of the pixels")


def test_the_smallest_change_that_turns_the_answer(inside):
    inside.get_by_role("button", name="Find it").click()
    said = inside.locator("#inside-fool output")
    expect(said).to_have_text(re.compile(r"^\d+\.\d% of the range make it a \d\. Fooled by the same picture: digitnet"))
    expect(inside.locator("#inside-fool .fooling")).to_be_visible()
    draw(inside, [(0.3, 0.5), (0.7, 0.5)])
    expect(said).to_have_text("")  # that was another picture


def test_the_arithmetic_of_a_number(inside):
    inside.get_by_role("button", name="Conv 3x3, 1 → 16, number 3").click()
    arithmetic = inside.locator("#inside-maps .arithmetic")
    expect(arithmetic).to_contain_text(re.compile(r"Channel 3, row \d+, column \d+"))
    expect(arithmetic.locator("table")).to_have_count(2)


def test_the_training_samples_on_which_a_unit_fires_most(inside):
    inside.locator("#draw-model input").click()
    inside.get_by_role("option", name=re.compile("^cnn")).click()
    inside.get_by_role("button", name="Conv 5x5, 1 → 32, number 0").focus()
    inside.keyboard.press("ArrowRight")
    inside.keyboard.press("Enter")
    strongest = inside.locator("#inside-maps .strongest")
    expect(strongest).to_contain_text("Number 1 of Conv 5x5, 1 → 32 is highest on these of all training samples.")
    expect(strongest.get_by_role("link")).to_have_count(9)
    expect(strongest.locator(".picture i")).to_have_count(9)  # what it looks at
    expect(inside.locator("#inside-maps .arithmetic")).to_contain_text("Channel 1, row ")
    inside.get_by_role("button", name="Linear 64 → 10, number 7").click()
    expect(strongest).to_contain_text("Number 7 of Linear 64 → 10 is highest")
    expect(strongest.locator(".picture i")).to_have_count(0)
    expect(inside.locator("#inside-maps .arithmetic")).to_be_empty()
    link = strongest.get_by_role("link").first
    index = re.match(r"Training index (\d+), labelled 7: ", link.get_attribute("title"))[1]
    link.click()
    expect(inside.locator("#browse-index input")).to_have_value(index)
    expect(inside.locator("#browse-label")).to_have_text("7")
    expect(inside.locator("#browse-model input")).to_have_value(re.compile("^cnn"))


def test_the_network_layer_by_layer(inside):
    layers = inside.locator("#inside-network li")
    expect(layers.first).to_contain_text("Conv 3x3, 1 → 16")
    expect(layers.first).to_contain_text(re.compile("16 . 28 . 28"))
    expect(layers.first).to_contain_text("multiply-adds")
    expect(inside.locator("#inside-network .sum")).to_have_text(
        re.compile(r"\d+,\d{3} parameters, [\d,]+ multiply-adds a")
    )


def test_how_accurate_every_network_is_against_the_strength_of_a_damage(inside):
    section = inside.locator("#inside-damage")
    expect(section.locator(".now")).to_have_text("At 0 degrees, of 10,000 test images:")
    expect(section.locator(".legend li")).to_have_count(5)
    expect(section.locator(".legend .chosen")).to_have_text("digitnet 99.5%")
    assert section.locator("polyline").count() == 5
    strength = section.locator("[name=strength]")
    strength.focus()
    inside.keyboard.press("End")
    expect(section.locator(".now")).to_have_text("At 90 degrees, of 10,000 test images:")
    expect(section.locator(".plot svg")).to_have_accessible_name(
        re.compile(r"Accuracy against the strength of rotate\. At 90 degrees: mlp-relu \d+\.\d%, .*digitnet \d+\.\d%\.")
    )
    present = section.locator("svg .present")
    assert present.get_attribute("x1") == present.get_attribute("x2") == "100"
    section.locator("[name=damage]").select_option("erase")
    expect(section.locator(".strengths")).to_have_text("Strength of erase (of the pixels)")
    assert present.get_attribute("x1") == "0"
    section.get_by_text("All figures as a table").click()
    table = section.locator("table")
    expect(table.locator("thead th")).to_have_text(
        ["of the pixels", "mlp-relu", "mlp-sigmoid", "cnn", "fastnet", "digitnet"]
    )
    expect(table.locator("tbody tr")).to_have_count(11)
    expect(table.locator("tbody tr").first.locator("td").last).to_have_text("99.54%")


def test_every_damage_begins_with_a_strength_that_changes_nothing(inside):
    section = inside.locator("#inside-damage")
    for name, kind in DAMAGES.items():
        section.locator("[name=damage]").select_option(name)
        assert float(section.locator("[name=strength]").input_value()) == kind.none, name


def test_the_curve_of_the_chosen_network_is_emphasised(inside):
    chosen = inside.locator("#inside-damage polyline.chosen")
    expect(chosen).to_have_count(1)
    before = chosen.get_attribute("points")
    inside.locator("#draw-model input").click()
    inside.get_by_role("option", name="cnn").click()
    expect(inside.locator("#inside-damage .legend .chosen")).to_contain_text("cnn")
    assert chosen.get_attribute("points") != before
    expect(inside.locator("#inside-corruptions thead .chosen")).to_have_text("cnn")


def test_a_corruption_is_chosen_by_key_and_shown_with_the_errors_of_all(inside):
    section = inside.locator("#inside-corruptions")
    expect(section.locator("caption")).to_have_text("Errors on 10,000 test images, in %")
    expect(section.locator("tbody tr").first.locator("td")).to_have_text(["3.95", "2.07", "1.77", "0.82", "0.46"])
    expect(section.locator("tbody tr").last.locator("td").last).to_have_text("2.49")  # the mean
    expect(section.get_by_role("button")).to_have_count(15)
    expect(section.locator(".after")).to_be_hidden()
    fog = section.get_by_role("button", name="fog")
    fog.focus()
    inside.keyboard.press("Enter")
    expect(fog).to_have_attribute("aria-pressed", "true")
    expect(section.locator(".after figcaption")).to_contain_text("Read as 7")
    before = pixels_of(inside, "#inside-corruptions .changed")
    assert before != pixels_of(inside, "#inside-corruptions .seen")
    section.get_by_role("button", name="stripe").click()
    expect(fog).to_have_attribute("aria-pressed", "false")
    wait_for_change(inside, "#inside-corruptions .changed", before)
    before = pixels_of(inside, "#inside-corruptions .changed")
    draw(inside, [(0.3, 0.5), (0.7, 0.5)])  # the next picture is corrupted likewise
    wait_for_change(inside, "#inside-corruptions .changed", before)
