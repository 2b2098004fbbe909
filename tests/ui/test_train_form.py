import pytest

from mnist_demo.errors import SettingsError
from mnist_demo.training.recipes import RECIPES, configure
from mnist_demo.ui.tabs.train_form import (
    check_name,
    describe_network,
    describe_recipe,
    describe_sizes,
    parse_sizes,
    read_form,
    recipe_settings,
)


def form_of(recipe, **changes):
    """Return what the form sends, as it stands after a recipe was chosen; a page knows no integers."""
    _, sizes, _, epochs, batch_size, rate, momentum = recipe_settings(recipe)
    fields = {"epochs": float(epochs), "batch_size": float(batch_size), "learning_rate": rate, "momentum": momentum}
    return (fields | {"seed": 0.0, "device": "auto", "sizes": sizes["value"]} | changes).values()


class TestRecipe:
    def test_it_stands_beside_what_its_tutorial_printed(self):
        assert "97.69% train, 96.87% test" in describe_recipe("mlp-relu")
        assert "98.85% test" in describe_recipe("cnn")
        assert "no figures" in describe_recipe("mlp-sigmoid")

    def test_it_says_what_it_gives_here(self):
        assert "95.8% after its 3 epochs" in describe_recipe("mlp-relu")

    def test_one_of_ours_says_how_long_it_takes(self):
        assert "one epoch" in describe_recipe("fast")
        assert "half an hour" in describe_recipe("digitnet")

    def test_choosing_it_fills_the_form(self):
        description, sizes, network, *numbers = recipe_settings("cnn")
        assert description == describe_recipe("cnn")
        assert sizes["value"] == "32, 32, 64"
        assert network == describe_network("cnn", "")
        assert numbers == [2, 8, 1e-3, 0.9]

    def test_an_unknown_one_is_refused(self):
        with pytest.raises(SettingsError, match="recipe: expected one of mlp-relu, mlp-sigmoid, cnn, fast, digitnet"):
            recipe_settings("lenet")


class TestSizes:
    @pytest.mark.parametrize(
        ("model", "label"),
        [("mlp-relu", "Hidden units of each layer"), ("cnn", "Channels of each layer")],
    )
    def test_a_network_whose_layers_can_be_chosen_has_a_field_for_them(self, model, label):
        field = describe_sizes(model)
        assert (field["label"], field["visible"]) == (label, True)

    def test_a_network_whose_layers_are_fixed_has_none(self):
        assert describe_sizes("digitnet") == {"value": "", "visible": False}

    @pytest.mark.parametrize(
        ("text", "sizes"),
        [("100, 50", (100, 50)), ("100 50", (100, 50)), (" 8,8 ,, 16\n", (8, 8, 16)), ("", ()), (None, ())],
    )
    def test_they_are_typed_as_people_type(self, text, sizes):
        assert parse_sizes(text) == sizes

    @pytest.mark.parametrize("text", ["many", "-5", "20.5", "1e3", "²", "50; 20", "9" * 5000])
    def test_what_is_no_row_of_whole_numbers_is_refused(self, text):
        with pytest.raises(SettingsError, match="sizes: expected whole numbers such as 100, 50, found"):
            parse_sizes(text)


class TestLayers:
    def test_the_table_has_a_row_for_each_layer_and_all_parameters(self):
        table = describe_network("mlp-relu", "20, 30").splitlines()
        assert table[0] == f"**{784 * 20 + 20 + 20 * 30 + 30 + 30 * 10 + 10:,} parameters**"
        assert [row for row in table if "| 20 |" in row] == [
            f"| Linear 784 → 20 | 20 | {784 * 20 + 20:,} | {784 * 20:,} |",
            "| ReLU | 20 |  |  |",
        ]

    @pytest.mark.parametrize("recipe", RECIPES)
    def test_every_recipe_has_one(self, recipe):
        assert "parameters**" in describe_network(recipe, "")

    @pytest.mark.parametrize("text", ["many", "20, 30, 40, 50, 60", "9999"])
    def test_while_somebody_types_it_says_what_is_wrong(self, text):
        assert describe_network("mlp-relu", text).startswith("sizes: expected")


class TestReading:
    @pytest.mark.parametrize("recipe", RECIPES)
    def test_a_form_that_nobody_has_changed_is_the_recipe(self, recipe):
        assert read_form(recipe, *form_of(recipe)) == configure(recipe)

    def test_all_that_can_be_changed_counts(self):
        changes = {"epochs": 7, "batch_size": 32, "learning_rate": 0.5, "momentum": 0.0, "seed": 3, "device": "cpu"}
        config = read_form("mlp-sigmoid", *form_of("mlp-sigmoid", **changes, sizes="20, 30"))
        assert config == configure("mlp-sigmoid", **changes, sizes=(20, 30))

    @pytest.mark.parametrize("name", ["epochs", "batch_size", "learning_rate", "momentum", "seed"])
    def test_an_emptied_field_is_not_filled_in_silently(self, name):
        with pytest.raises(SettingsError, match=f"{name}: expected a .*number.*, found nothing"):
            read_form("cnn", *form_of("cnn", **{name: None}))

    def test_emptied_sizes_are_the_networks_own(self):
        assert read_form("cnn", *form_of("cnn", sizes="")) == configure("cnn")

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"epochs": 2.5}, "epochs: expected a whole number from 1 to 1,000, found 2.5"),
            ({"learning_rate": -1}, "learning_rate: expected above 0 and at most 10"),
            ({"sizes": "8, 8"}, "sizes: expected 3 numbers of channels, each from 4 to 128, found 2"),
        ],
    )
    def test_what_is_out_of_range_is_refused(self, changes, message):
        with pytest.raises(SettingsError, match=message):
            read_form("cnn", *form_of("cnn", **changes))


class TestNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [(None, ""), ("", ""), ("  Zoë  🦊\n", "Zoë 🦊"), ("x" * 40, "x" * 40), (f"  {'x' * 40} ", "x" * 40)],
    )
    def test_a_name_is_what_was_typed_without_the_space_around_it(self, text, name):
        assert check_name("nickname", text) == name

    @pytest.mark.parametrize("text", ["x" * 41, 7, ["Zoë"]])
    def test_what_is_no_name_or_too_long_is_refused(self, text):
        with pytest.raises(SettingsError, match="nickname: expected at most 40 characters, found"):
            check_name("nickname", text)
