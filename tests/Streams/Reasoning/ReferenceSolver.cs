using System.Text.RegularExpressions;

namespace Orca.Streams.Tests.Reasoning;

/// <summary>Solves every family from its prompt alone, by brute force or by other means than the generators.</summary>
internal static partial class ReferenceSolver
{
    private static readonly Dictionary<string, Func<string, string>> Solvers = new()
    {
        ["adjective_order"] = Adjectives,
        ["arithmetic"] = Arithmetic,
        ["boolean_expressions"] = Boolean,
        ["bracket_closing"] = Brackets,
        ["coloured_objects"] = Colours,
        ["date_understanding"] = Dates,
        ["lamp_switch"] = prompt => (Count(prompt, "flipped") % 2 == 0) == prompt.Contains("on at first", StringComparison.Ordinal) ? "on" : "off",
        ["logical_deduction"] = Race,
        ["navigate"] = Walk,
        ["object_counting"] = Objects,
        ["table_lookup"] = Table,
        ["temporal_sequences"] = Hours,
        ["tracking_shuffled_objects"] = Swaps,
        ["web_of_lies"] = Liars,
        ["word_sorting"] = prompt => string.Join(' ', prompt.Split(": ")[1].Split(' ').Order(StringComparer.Ordinal)),
    };

    public static string Solve(string family, string prompt) => Solvers[family](prompt);

    private static int Count(string text, string word) => Regex.Count(text, $@"\b{word}\b");

    private static string[][] All(string text, string pattern) =>
        [.. Regex.Matches(text, pattern).Select(match => match.Groups.Values.Skip(1).Select(group => group.Value).ToArray())];

    private static string Adjectives(string prompt)
    {
        var order = "big small huge tiny old new ancient modern round square flat oval red blue green white wooden metal glass plastic".Split(' ');
        var words = prompt.Split(": ")[1].Split(' ');
        return string.Join(' ', words[..^1].OrderBy(word => Array.IndexOf(order, word)).Append(words[^1]));
    }

    private static string Arithmetic(string prompt) =>
        $"{int.Parse(All(prompt, @"has (\d)")[0][0]) + All(prompt, @"(gets|loses) (\d)").Sum(change => (change[0] == "gets" ? 1 : -1) * int.Parse(change[1]))}";

    private static string Boolean(string prompt)
    {
        var result = false;
        foreach (var item in All(prompt, @"\d\) (and|or|xor|nand|nor)? ?(True|False)"))
        {
            var operand = item[1] == "True";
            result = item[0] switch
            {
                "and" => result && operand,
                "or" => result || operand,
                "xor" => result != operand,
                "nand" => !result || !operand,
                "nor" => !result && !operand,
                _ => operand,
            };
        }

        return $"{result}";
    }

    // Deletes innermost pairs until none is left; what is left is open.
    private static string Brackets(string prompt)
    {
        var open = Regex.Replace(prompt.Split(':')[1], @" |\d\)", "");
        for (var before = ""; before != open;)
        {
            before = open;
            open = open.Replace("()", "").Replace("[]", "").Replace("{}", "").Replace("<>", "");
        }

        return string.Join(' ', open.Reverse().Select(bracket => ")]}>"["([{<".IndexOf(bracket)]));
    }

    private static string Colours(string prompt)
    {
        var row = All(prompt, @"\d ([a-z]+) ([a-z]+)[,.]");
        var moves = All(prompt, @"(left|right) (\d)").Sum(move => (move[0] == "right" ? 1 : -1) * int.Parse(move[1]));
        return row[int.Parse(All(prompt, @"start (\d)")[0][0]) - 1 + moves][0];
    }

    private static string Dates(string prompt)
    {
        string[] months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
        var first = All(prompt, @"1\) (\d+) (\w+) is the")[0];
        var day = new DateOnly(2023, Array.IndexOf(months, first[1]) + 1, int.Parse(first[0]));
        day = day.AddDays(All(prompt, @"(\d) days? (after|before) that").Sum(gap => (gap[1] == "after" ? 1 : -1) * int.Parse(gap[0])));
        return $"{day.Day} {months[day.Month - 1]}";
    }

    // Every order of the runners that satisfies all clues must agree on the answer.
    private static string Race(string prompt)
    {
        var clues = All(prompt, @"([A-Z]\w+) came (before|after) ([A-Z]\w+)");
        var first = prompt.EndsWith("first?", StringComparison.Ordinal);
        var runners = clues.SelectMany(clue => new[] { clue[0], clue[2] }).Distinct().ToArray();
        return Permutations(runners)
            .Where(order => clues.All(clue => (Array.IndexOf(order, clue[0]) < Array.IndexOf(order, clue[2])) == (clue[1] == "before")))
            .Select(order => order[first ? 0 : ^1]).Distinct().Single();
    }

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany((item, i) => Permutations<T>([.. items[..i], .. items[(i + 1)..]]).Select(rest => (T[])[item, .. rest]));

    private static string Walk(string prompt)
    {
        int Steps(string direction) => All(prompt, $@"{direction} (\d)").Sum(move => int.Parse(move[0]));
        return Steps("north") == Steps("south") && Steps("east") == Steps("west") ? "yes" : "no";
    }

    private static string Objects(string prompt)
    {
        var kinds = new Dictionary<string, string>
        {
            ["fruits"] = "apples pears plums figs lemons peaches",
            ["animals"] = "cats dogs cows pigs hens goats",
            ["tools"] = "hammers saws drills axes nails files",
        };
        var members = kinds[All(prompt, @"How many (\w+)")[0][0]].Split(' ');
        return $"{All(prompt, @"\) (\w+) (\d)").Where(thing => members.Contains(thing[0])).Sum(thing => int.Parse(thing[1]))}";
    }

    private static string Table(string prompt)
    {
        var rows = All(prompt, @"(\w+) age (\d) height (\d)").Select(row => (Name: row[0], Age: row[1], Height: row[2])).ToArray();
        return All(prompt, @"Who is the (\w+)")[0][0] switch
        {
            "oldest" => rows.MaxBy(row => row.Age).Name,
            "youngest" => rows.MinBy(row => row.Age).Name,
            "tallest" => rows.MaxBy(row => row.Height).Name,
            _ => rows.MinBy(row => row.Height).Name,
        };
    }

    private static string Hours(string prompt)
    {
        var span = All(prompt, @"from (\d) to (\d)")[0].Select(int.Parse).ToArray();
        var taken = All(prompt.Split('.')[0], @"(\d)\) \w").Select(hour => int.Parse(hour[0]));
        return $"{Enumerable.Range(span[0], span[1] - span[0] + 1).Except(taken).Single()}";
    }

    private static string Swaps(string prompt)
    {
        var held = All(prompt, @"(\w+) has (\w+)").ToDictionary(pair => pair[0], pair => pair[1]);
        foreach (var swap in All(prompt, @"(\w+) and (\w+) swap"))
        {
            (held[swap[0]], held[swap[1]]) = (held[swap[1]], held[swap[0]]);
        }

        return held[All(prompt, @"does (\w+) have")[0][0]];
    }

    // Tries every assignment of honest and lying that fits what is said.
    private static string Liars(string prompt)
    {
        var given = All(prompt, @"^1\) (honest|lying) is (\w+)")[0] is [var verdict, var name] ? new[] { name, verdict } : throw new FormatException(prompt);
        var claims = All(prompt, @"(honest|lying) is (\w+), says (\w+)").Select(claim => new[] { claim[2], claim[1], claim[0] }).ToArray();
        var people = claims.Select(claim => claim[0]).Prepend(given[0]).ToArray();
        var asked = Array.IndexOf(people, All(prompt, @"Is (\w+) honest")[0][0]);
        return Enumerable.Range(0, 1 << people.Length)
            .Where(truths => Honest(truths, given[0]) == (given[1] == "honest")
                && claims.All(claim => Honest(truths, claim[0]) == (Honest(truths, claim[1]) == (claim[2] == "honest"))))
            .Select(truths => (truths >> asked & 1) == 1 ? "yes" : "no").Distinct().Single();

        bool Honest(int truths, string person) => (truths >> Array.IndexOf(people, person) & 1) == 1;
    }
}
