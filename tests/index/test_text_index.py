import dataclasses
import errno
import json
import shutil
import sys
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weighing import weighed

from ham_recommend.encode.text import count_words
from ham_recommend.encode.weights import fit_space
from ham_recommend.errors import ArtifactCorruptError, ArtifactError, ArtifactMismatchError, SettingsError
from ham_recommend.index.text_index import TextIndex
from ham_recommend.records import Document

MOTIFS = ["cat", "dog", "ship", "storm", "harbour", "vase", "flower", "dancer", "horse", "river", "castle"]
MOTIFS += ["moon", "garden", "portrait", "circus"]
MANNERS = ["red", "blue", "green", "golden", "dark", "quiet", "vivid", "early", "large", "small"]


def document(item_id, title="", **fields):
    text = repr((title, sorted(fields.items())))
    return Document(item_id=item_id, title=title, digest=text, **fields)


def museum(count=400, seed=0):
    draw = np.random.default_rng(seed)
    return [
        document(
            f"m:{row:04d}",
            " ".join([*draw.choice(MANNERS, 2), *draw.choice(MOTIFS, 2)]),
            artist=f"Painter{row % 23} Family{row % 7}",
            descriptions=tuple(" ".join(draw.choice(MOTIFS + MANNERS, 8)) for _ in range(row % 3)),
            year_begin=1500 + row,
        )
        for row in range(count)
    ]


@pytest.fixture(scope="module")
def index():
    return TextIndex.build(museum())


def writer(folder):
    @contextmanager
    def write(name, *, rows):
        assert rows >= 0
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        yield path

    return write


def saved(index, folder):
    index.save(writer(folder))
    return TextIndex.load(folder.joinpath)


def same(one, other):
    assert one.item_ids.tolist() == other.item_ids.tolist()
    np.testing.assert_array_equal(one.scores, other.scores)
    assert one.corrected == other.corrected


QUERIES = [
    "circus cat",
    "a ship in the storm",
    "red",
    "Painter3",
    "17th century portrait",
    "jumpng hors",
    "zzzzz",
]


def test_answers_are_found_and_explained(index):
    ranking = index.search("ship storm", 5)
    assert len(ranking) == 5
    assert set(ranking.channels) == {"words", "meaning"}
    assert (np.diff(ranking.scores) <= 0).all()
    assert ranking.query.text == "ship storm"
    for hit in ranking:
        document = next(doc for doc in museum() if doc.item_id == hit.item_id)
        assert {"ship", "storm"} & set(" ".join((document.title, *document.descriptions)).split())
        assert 0 < hit.channels["words"] <= 2


def test_the_exact_channel_is_the_inner_product(index):
    vocabulary, weights = weighed(count_words(museum()))
    rows, query = vocabulary.query(["golden", "dancer", "horse"])
    scores = weights.toarray()[:, rows] @ query
    ranking = index.exact("golden dancer, horse", 1000)
    expected = sorted(
        ((-score, doc.item_id) for score, doc in zip(scores, museum(), strict=True) if score > 0)
    )
    assert len(ranking) == len(expected)
    np.testing.assert_allclose(ranking.scores, [-score for score, _ in expected], rtol=1e-5)
    by_id = dict(zip(ranking.item_ids, ranking.scores, strict=True))
    for score, item_id in expected:
        assert by_id[item_id] == pytest.approx(-score, rel=1e-5)


def test_ties_are_broken_by_item_id():
    documents = [document(f"m:{letter}", "a green door") for letter in "dacb"]
    for search in (TextIndex.build(documents).search, TextIndex.build(documents).exact):
        assert search("door", 3).item_ids.tolist() == ["m:a", "m:b", "m:c"]


def test_both_scores_of_every_candidate_are_the_true_ones(index):
    ranking = index.search("vivid river castle", 300)
    exact = index.exact("vivid river castle", 400)
    words = dict(zip(exact.item_ids, exact.scores, strict=True))
    for hit in ranking:
        assert (hit.channels["words"] > 0) == (hit.item_id in words)
    vocabulary, weights = weighed(count_words(museum()))
    rows, query = vocabulary.query(["vivid", "river", "castle"])
    direction = query @ fit_space(weights)[rows]
    expected = index.meaning.get(ranking.item_ids.tolist()).vectors @ direction
    np.testing.assert_allclose(ranking.channels["meaning"], expected, atol=1e-5)


def test_works_that_share_no_word_are_found_by_meaning():
    documents = [document(f"m:{row:03d}", "ship sail harbour") for row in range(30)]
    documents += [document(f"n:{row:03d}", "kitchen bread table") for row in range(30)]
    documents += [document("m:schooner", "schooner sail harbour"), document("m:alone", "schooner")]
    found = TextIndex.build(documents).search("schooner", 40).item_ids.tolist()
    assert found[:2] == ["m:alone", "m:schooner"]
    assert {"m:000", "m:029"} <= set(found)
    assert not [item_id for item_id in found if item_id.startswith("n:")]


@pytest.mark.parametrize("method", ["search", "exact"])
@pytest.mark.parametrize("k", [0, 1, 12, 250, 10_000])
def test_exclude_and_within_act_inside_the_search(index, method, k):
    search = getattr(index, method)
    everything = search("red portrait", 10_000).item_ids.tolist()
    gone = {*everything[:20], "m:unknown"}
    left = search("red portrait", k, exclude=gone)
    assert left.item_ids.tolist() == [item for item in everything if item not in gone][:k]
    some = frozenset(everything[::3]) | {"m:unknown"}
    inside = search("red portrait", k, within=some)
    assert inside.item_ids.tolist() == [item for item in everything if item in some][:k]
    both = search("red portrait", k, within=some, exclude=gone)
    assert set(both.item_ids) <= some - gone
    assert len(search("red portrait", k, within=())) == 0


def test_the_same_filter_object_changed_in_place_is_read_again(index):
    allowed = set(index.exact("red", 10).item_ids.tolist())
    index.search("red", 5, within=allowed)
    only = sorted(allowed)[0]
    allowed.intersection_update({only})
    assert index.search("red", 5, within=allowed).item_ids.tolist() == [only]


@pytest.mark.parametrize("text", ["", "   ", "?!", "zzzzzzzz", "\ud800", "x" * 100_000, "9999999"])
def test_nothing_known_gives_nothing(index, text):
    assert len(index.search(text, 12)) == 0
    assert len(index.exact(text, 12)) == 0


def test_a_negative_k_is_refused(index):
    with pytest.raises(SettingsError, match="k is -1"):
        index.search("cat", -1)


def test_misspelt_words_are_corrected_and_the_ranking_says_so(index):
    ranking = index.search("Circuss cta portraitt", 5)
    assert ranking.corrected == {"Circuss": "circus", "portraitt": "portrait"}
    assert ranking.item_ids.tolist() == index.search("circus portrait", 5).item_ids.tolist()
    assert len(index.search("Circuss", 5, correct=False)) == 0
    assert index.search("Circuss", 5, correct=False).corrected == {}


def test_what_matches_as_it_stands_is_not_corrected():
    documents = [document(f"m:{row}", "Monet, haystacks") for row in range(30)]
    documents += [document(f"n:{row}", "Manet, balcony") for row in range(3)]
    index = TextIndex.build(documents)
    assert index.search("manet balconies", 5).corrected == {}
    assert set(index.exact("manet", 50).item_ids) == {"n:0", "n:1", "n:2"}


def test_a_slip_in_the_catalogue_does_not_hide_the_right_spelling():
    documents = [document(f"m:{row:03d}", f"Rembrandt, sheet {row}") for row in range(60)]
    ranking = TextIndex.build([*documents, document("m:slip", "Rembrant")]).search("Rembrant", 12)
    assert ranking.corrected == {"Rembrant": "rembrandt"}
    assert ranking.item_ids[0] == "m:slip"
    assert len(ranking) == 12


@pytest.mark.parametrize("asked", ["M.C. Escher", "M. C. Escher", "m c escher", "Escher, M.C."])
def test_an_artist_asked_by_initials_comes_before_titles_with_the_same_letters(asked):
    documents = [document(f"m:{row}", f"Stairs {row}", artist="Maurits Cornelis Escher") for row in range(4)]
    documents += [document("m:mc", "M. C. seated"), document("m:c", "Sketch by C. Oru")]
    documents += [document(f"o:{row}", f"Basket {row}", artist="Ana Bel") for row in range(20)]
    index = TextIndex.build([*documents, document("m:4", "Stairs 5", artist="MC Escher")])
    found = index.search(asked, 6).item_ids.tolist()
    assert found[0] == "m:4"
    assert set(found[:5]) == {f"m:{row}" for row in range(5)}
    assert index.search("M.C.", 2).item_ids.tolist() == index.search("mc", 2).item_ids.tolist()


@pytest.mark.parametrize("asked", ["teapot", "tea-pot", "tea pot", "Teapots"])
def test_a_compound_is_found_however_it_is_written(asked):
    titles = ["Tea-pot in silver", "Teapot in pewter", "Tea pot of copper", "Pot", "Tea", "Owl", "Tea set"]
    index = TextIndex.build([document(f"m:{row}", title) for row, title in enumerate(titles)])
    assert set(index.search(asked, 3).item_ids) == {"m:0", "m:1", "m:2"}


def test_a_compound_that_is_only_written_with_a_hyphen_is_found_without_it():
    documents = [document("m:1", "Wood-cut of an owl"), document("m:2", "Owl"), document("m:3", "Wood")]
    ranking = TextIndex.build(documents).search("woodcut", 1)
    assert ranking.item_ids.tolist() == ["m:1"]
    assert ranking.corrected == {"woodcut": "wood cut"}


@pytest.mark.parametrize(
    ("titles", "asked"),
    [
        (["Deux chevaux au bord de la mer", "Un cheval et une femme", "Vue du pont sur la Seine"], "chevaux"),
        (["Zwei Häuser im Schnee", "Das Haus und der Garten", "Mann mit Hund"], "Haus"),
        (["Twee katten voor een raam", "Een kat", "Gezicht op het dorp"], "kat"),
    ],
)
def test_endings_are_those_of_the_language_of_the_collection(titles, asked, tmp_path):
    documents = [document(f"m:{row}", title) for row, title in enumerate(titles)]
    index = TextIndex.build(documents)
    index.save(writer(tmp_path))
    for one in (index, TextIndex.load(tmp_path.joinpath)):
        assert set(one.exact(asked, 5).item_ids) == {"m:0", "m:1"}


def test_works_that_change_the_language_of_a_collection_change_its_terms():
    french = [document(f"f:{row}", f"Cheval et femme sur la plage {row}") for row in range(30)]
    english = [document(f"e:{row}", f"Horses running {row}") for row in range(90)]
    grown = TextIndex.build([*french, *english], previous=TextIndex.build(french))
    same(grown.search("horse runs", 5), TextIndex.build([*french, *english]).search("horse runs", 5))
    assert grown.exact("running horses", 100).item_ids[0].startswith("e:")


NUMBERED = [
    document("m:1", "Governor", fields={"accession_number": "SK-A-1671"}),
    document(
        "m:2", "A man", fields={"accession_number": "SK-A-2630"}, descriptions=("Pendant of SK-A-1671.",)
    ),
    document(
        "m:3", "Prints of SK-A-1671, about 1842", fields={"accession_number": "1979.206.1"}, year_begin=1842
    ),
    document("m:4", "A bowl", fields={"accession_number": "Inv. 1842"}),
    document(
        "m:5",
        "View of 1842",
        fields={"accession_number": "1979.20.61"},
        descriptions=("Inv. 1842 shows it as well.",),
    ),
    document("m:6", "A bag", fields={"accession_number": "BMAG-12"}),
    document("m:7", "Two bags", fields={"accession_number": "N05513"}),
]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("SK-A-1671", "m:1"),
        ("sk a 1671", "m:1"),
        ("1671", "m:1"),
        ("governor SK-A-1671", "m:1"),
        ("1979.206.1", "m:3"),
        ("1979 20 61", "m:5"),
        ("inv. 1842", "m:4"),
        ("Inv. Nr. 1842", "m:4"),
        ("n05513", "m:7"),
        ("5513", "m:7"),
        ("bmag.12", "m:6"),
    ],
)
def test_an_accession_number_is_the_first_hit_and_never_corrected(asked, first):
    ranking = TextIndex.build(NUMBERED).search(asked, 3)
    assert ranking.item_ids[0] == first
    assert ranking.corrected == {}


def test_figures_that_may_be_a_year_are_a_year_beside_other_words():
    assert TextIndex.build(NUMBERED).search("view of 1842", 3).item_ids[0] == "m:5"
    assert TextIndex.build(NUMBERED).search("BMAG-13", 3).corrected == {}


def test_words_run_together_and_the_company_of_words_are_read_in_the_collection():
    documents = [document(f"m:{row}", "Self portrait with a car") for row in range(5)]
    documents += [document(f"n:{row}", "Still life", artist="Carlo Carrà") for row in range(3)]
    index = TextIndex.build(documents)
    assert index.search("selfportrait", 3).corrected == {"selfportrait": "self portrait"}
    assert index.search("Carlo Cara", 3).corrected == {"Cara": "carra"}
    assert index.search("self portrait, cara", 3).corrected == {"cara": "car"}


def test_accents_years_and_stop_words_meet():
    documents = [
        document("m:1", "Olympia", artist="Édouard Manet", year_begin=1863),
        document("m:2", "Amphora", fields={"period": "3rd century BCE"}),
        document("m:3", "Head", year_begin=-250, year_end=-210),
        document("m:4", "It"),
        document("m:5", "Portrait of it all"),
    ]
    index = TextIndex.build(documents)
    assert index.exact("edouard", 5).item_ids.tolist() == ["m:1"]
    assert index.exact("19th century", 5).item_ids.tolist() == ["m:1"]
    assert index.exact("1860s", 5).item_ids.tolist() == ["m:1"]
    assert set(index.exact("third century BC", 5).item_ids) == {"m:2", "m:3"}
    assert index.exact("it", 5).item_ids.tolist() == ["m:4"]


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 59), min_size=1, max_size=20))
def test_showing_a_description_twice_changes_no_ranking(rows):
    documents = museum(60)
    repeated = list(documents)
    for row in rows:
        twice = repeated[row].descriptions * 2
        repeated[row] = dataclasses.replace(repeated[row], descriptions=twice)
    before, after = TextIndex.build(documents), TextIndex.build(repeated)
    for query in QUERIES:
        same(before.search(query, 60), after.search(query, 60))


def test_building_is_deterministic_and_the_order_of_documents_does_not_matter(index):
    again = TextIndex.build(reversed(museum()))
    for query in QUERIES:
        same(index.search(query, 50), again.search(query, 50))


def test_a_work_that_comes_twice_is_refused():
    with pytest.raises(SettingsError, match="'m:0001' comes twice"):
        TextIndex.build([*museum(5), museum(5)[1]])


@pytest.mark.parametrize(
    "documents", [[], [document("m:1")], [document("m:1", "cat")], [document("m:1", "…")]]
)
def test_tiny_collections(documents, tmp_path):
    index = TextIndex.build(documents)
    for one in (index, saved(index, tmp_path), TextIndex.build(documents, previous=index)):
        assert len(one) == len(documents)
        assert len(one.search("cat", 3)) == sum(doc.title == "cat" for doc in documents)
    grown = TextIndex.build([*documents, document("m:9", "a cat")], previous=index)
    assert "m:9" in grown.search("cat", 3).item_ids


def test_reading_back_gives_the_same_answers(index, tmp_path):
    loaded = saved(index, tmp_path)
    assert set(TextIndex.FILES) == {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    for query in QUERIES:
        same(index.search(query, 50), loaded.search(query, 50))
        same(index.exact(query, 50), loaded.exact(query, 50))


def kept_in(array):
    """Return what holds the numbers of an array."""
    return kept_in(array.base) if isinstance(array, np.ndarray) else array


def test_what_works_say_stays_on_disk(index, tmp_path):
    index.save(writer(tmp_path))
    base = TextIndex.load(tmp_path.joinpath)._parts.base
    for matrix in (base.stems.said, base.counts):
        assert isinstance(kept_in(matrix.data), mmap)
        assert isinstance(kept_in(matrix.indices), mmap)


def test_nothing_on_disk_is_a_pickle(index, tmp_path):
    index.save(writer(tmp_path))
    for path in tmp_path.rglob("*.np[yz]"):
        arrays = np.load(path, allow_pickle=False)
        for array in arrays.values() if path.suffix == ".npz" else [arrays]:
            assert array.dtype.kind in "bifSU"


@pytest.mark.parametrize("name", TextIndex.FILES)
def test_a_damaged_file_is_one_clear_error(index, tmp_path, name):
    index.save(writer(tmp_path))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises((ArtifactCorruptError, ArtifactMismatchError)):
        TextIndex.build(museum(), previous=TextIndex.load(tmp_path.joinpath))


def test_a_file_that_may_not_be_read_is_one_clear_error(index, tmp_path, monkeypatch):
    index.save(writer(tmp_path))

    def refused(path, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ArtifactError, match=r"text\.\w+\.\w+ cannot be read: Permission denied"):
        TextIndex.load(tmp_path.joinpath)


def test_files_of_another_method_or_another_build_are_refused(index, tmp_path):
    index.save(writer(tmp_path))
    path = tmp_path / "4-index/text.vocabulary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "method": "older"}))
    with pytest.raises(ArtifactMismatchError, match="older"):
        TextIndex.load(tmp_path.joinpath)
    TextIndex.build(museum(20)).save(writer(tmp_path / "other"))
    for name in TextIndex.FILES:
        shutil.rmtree(tmp_path / "4-index")
        index.save(writer(tmp_path))
        shutil.copy(tmp_path / "other" / name, tmp_path / name)
        with pytest.raises((ArtifactCorruptError, ArtifactMismatchError)):
            TextIndex.build(museum(), previous=TextIndex.load(tmp_path.joinpath))


def changed(documents):
    """Return the collection after some works came, went and changed."""
    fresh = [document(f"m:{row:04d}", "an unheard of zeppelin") for row in range(900, 915)]
    kept = [doc for row, doc in enumerate(documents) if row % 97]
    return [*fresh, dataclasses.replace(kept[50], title="otter", digest="new"), *kept[:50], *kept[51:]]


@pytest.mark.parametrize("from_disk", [False, True])
def test_adding_works_gives_the_words_of_a_full_rebuild(index, tmp_path, from_disk):
    documents = changed(museum())
    previous = saved(index, tmp_path) if from_disk else index
    before = index.search("ship", 50)
    added, rebuilt = TextIndex.build(documents, previous=previous), TextIndex.build(documents)
    for query in [*QUERIES, "zeppelin", "otter"]:
        same(added.exact(query, 500), rebuilt.exact(query, 500))
    assert "m:0900" in added.search("zeppelin", 20).item_ids
    assert added.meaning.get(["m:0000", "m:0001"]).vectors.shape == (1, index.meaning.dim)
    same(before, index.search("ship", 50))
    again = saved(added, tmp_path / "added")
    for query in [*QUERIES, "zeppelin", "otter"]:
        same(added.search(query, 100), again.search(query, 100))


def test_only_new_documents_are_counted(index, monkeypatch):
    seen = []

    def counting(documents):
        return count_words(seen.append(doc.item_id) or doc for doc in documents)

    monkeypatch.setattr("ham_recommend.index._text_parts.count_words", counting)
    TextIndex.build([*museum(), document("m:9999", "otter")], previous=index)
    assert seen == ["m:9999"]


def test_the_space_is_fitted_again_when_a_tenth_is_new(index):
    def fresh(count):
        return [document(f"n:{row:03d}", f"zeppelin cloud{row % 5}") for row in range(count)]

    few = TextIndex.build([*museum(), *fresh(10)], previous=index)
    many = TextIndex.build([*museum(), *fresh(80)], previous=few)
    rebuilt = TextIndex.build([*museum(), *fresh(80)])
    assert few.search("cloud2", 20).channels["meaning"].max() == 0
    same(many.search("cloud2", 80), rebuilt.search("cloud2", 80))
    assert many.search("cloud2", 80).channels["meaning"].max() > 0.1


def test_steps_are_told(index):
    told = []
    TextIndex.build(museum(20), progress=told.append)
    assert told == ["counting words", "weighing words", "finding meanings"]


def test_loading_and_answering_import_nothing_slow(index, tmp_path):
    import subprocess

    index.save(writer(tmp_path))
    script = (
        "import sys; from pathlib import Path; from ham_recommend.index.text_index import TextIndex\n"
        "index = TextIndex.load(Path(sys.argv[1]).joinpath)\n"
        "assert len(index.search('circuss cat', 5)) == 5\n"
        "print([name for name in ('sklearn', 'pandas', 'torch', 'pyarrow') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]"


def lids():
    """Return two works by an artist whose name shares letters with nothing, and forty of another kind."""
    made = [document(f"m:{title}", title, artist="Ada Quill") for title in ("Parcel", "Beacon")]
    rest = [document(f"m:{row:02}", f"Kettle {row} with a spout", artist="Ben Hask") for row in range(40)]
    return TextIndex.build([*made, *rest])


def test_works_that_do_not_fit_do_not_pad_an_answer():
    assert sorted(lids().search("Quill", 12).item_ids) == ["m:Beacon", "m:Parcel"]
    assert len(lids().search("Quill", 12, within={"m:03", "m:04"})) == 0, "nothing fits is an answer"


def test_a_work_is_found_by_its_meaning_without_the_word():
    pairs = [("galleon", "sail"), ("mast", "sail"), ("galleon", "mast")] * 4
    ships = [
        document(f"m:{row:02}", " ".join(pair), descriptions=("rigging",)) for row, pair in enumerate(pairs)
    ]
    others = [document(f"n:{row:02}", f"tulip {word}") for row, word in enumerate(["bowl", "dish"] * 10)]
    found = TextIndex.build([*ships, *others]).search("galleon", 40)
    without = [hit for hit in found if hit.channels["words"] == 0]
    assert without
    assert all(hit.item_id.startswith("m:") for hit in found)
