using System.Collections.Immutable;

namespace Orca.Streams.Tasks.Reasoning;

/// <summary>The small fixed vocabularies of all families: short common words, so that each becomes one token.</summary>
internal static class Words
{
    public static readonly ImmutableArray<string> Names =
    [
        "Ann", "Bob", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ivy", "Jan",
        "Kim", "Leo", "Max", "Ned", "Pam", "Ray", "Sam", "Tom", "Una", "Zoe",
    ];

    public static readonly ImmutableArray<string> Objects =
    [
        "ball", "book", "cup", "pen", "hat", "key", "cap", "lamp",
        "coin", "shoe", "ring", "bag", "map", "bell", "drum", "kite",
    ];

    public static readonly ImmutableArray<string> Colours =
    [
        "red", "blue", "green", "white", "black", "brown", "pink", "grey",
    ];

    public static readonly ImmutableArray<string> Places =
    [
        "park", "shop", "zoo", "school", "beach", "farm", "gym", "museum", "market", "river",
    ];

    public static readonly ImmutableArray<string> Events =
    [
        "party", "trip", "game", "exam", "fair", "concert", "race", "wedding",
    ];

    /// <summary>Things to count, by kind; all plural.</summary>
    public static readonly ImmutableArray<(string Kind, ImmutableArray<string> Members)> Kinds =
    [
        ("fruits", ["apples", "pears", "plums", "figs", "lemons", "peaches"]),
        ("animals", ["cats", "dogs", "cows", "pigs", "hens", "goats"]),
        ("tools", ["hammers", "saws", "drills", "axes", "nails", "files"]),
    ];

    public static readonly ImmutableArray<string> Months =
    [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ];

    /// <summary>Adjectives by sort, in the order in which English puts them before a noun.</summary>
    public static readonly ImmutableArray<(string Sort, ImmutableArray<string> Members)> Adjectives =
    [
        ("size", ["big", "small", "huge", "tiny"]),
        ("age", ["old", "new", "ancient", "modern"]),
        ("shape", ["round", "square", "flat", "oval"]),
        ("colour", ["red", "blue", "green", "white"]),
        ("material", ["wooden", "metal", "glass", "plastic"]),
    ];

    /// <summary>Words to sort, by first letter.</summary>
    public static readonly ImmutableArray<(string Letter, ImmutableArray<string> Members)> Alphabet =
    [
        ("a", ["ant", "arm", "axe", "apple"]),
        ("b", ["bird", "boat", "bed", "bus"]),
        ("c", ["cat", "cake", "card", "corn"]),
        ("d", ["dog", "door", "desk", "duck"]),
        ("e", ["egg", "eye", "ear", "elf"]),
        ("f", ["fox", "fish", "fork", "fire"]),
        ("g", ["goat", "gate", "gold", "grass"]),
        ("h", ["hen", "hand", "hill", "horse"]),
    ];
}
