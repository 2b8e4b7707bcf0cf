using System.Collections.Immutable;
using Orca.Serving.Text;

namespace Orca.Serving.Tests.Text;

public class StopStringScannerTests
{
    [Fact]
    public void Without_stop_strings_everything_passes_at_once()
    {
        var scanner = new StopStringScanner([]);
        Assert.Equal("any", scanner.Push("any"));
        Assert.Equal("", scanner.Flush());
    }

    [Fact]
    public void A_stop_string_across_pieces_never_leaks()
    {
        var scanner = new StopStringScanner(["STOP"]);
        Assert.Equal("go on", scanner.Push("go onS"));
        Assert.Equal("", scanner.Push("TO"));
        Assert.Equal("", scanner.Push("P and more"));
        Assert.Equal("STOP", scanner.Match);
        Assert.Equal("", scanner.Push("nothing"));
        Assert.Equal("", scanner.Flush());
    }

    [Fact]
    public void What_only_looked_like_a_stop_string_comes_out_with_the_piece_that_decides()
    {
        var scanner = new StopStringScanner(["STOP"]);
        Assert.Equal("", scanner.Push("STO"));
        Assert.Equal("STONE", scanner.Push("NE"));
        Assert.Null(scanner.Match);
    }

    [Fact]
    public void What_is_held_back_at_the_end_is_text()
    {
        var scanner = new StopStringScanner(["STOP"]);
        Assert.Equal("a ", scanner.Push("a ST"));
        Assert.Equal("ST", scanner.Flush());
    }

    [Theory]
    [InlineData("xaab", "aab", "x")]
    [InlineData("xabcd", "abc", "x")]
    [InlineData("xbcy", "bc", "x")]
    public void Of_overlapping_stop_strings_the_one_that_is_complete_first_wins_and_of_those_the_longest(
        string text, string match, string before)
    {
        var scanner = new StopStringScanner(["bc", "abc", "abcd", "aab"]);
        Assert.Equal(before, scanner.Push(text));
        Assert.Equal(match, scanner.Match);
    }

    [Fact]
    public void A_stop_string_that_is_to_be_told_comes_out_and_nothing_after_it()
    {
        var scanner = new StopStringScanner(["STOP"], includeStop: true);
        Assert.Equal("go on", scanner.Push("go onS"));
        Assert.Equal("STOP", scanner.Push("TOP and more"));
        Assert.Equal("", scanner.Push("nothing") + scanner.Flush());
    }

    [Fact]
    public void However_a_text_is_cut_and_stop_strings_overlap_the_outcome_is_what_a_reader_finds_character_by_character()
    {
        var random = new Random(5);
        string Letters(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(3))));
        for (var round = 0; round < 3_000; round++)
        {
            var text = Letters(24);
            ImmutableArray<string> stops = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Letters(random.Next(1, 6)))];
            var end = Enumerable.Range(1, text.Length)
                .FirstOrDefault(end => stops.Any(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)));
            var match = stops.Where(stop => end > 0 && text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);

            var (scanner, including) = (new StopStringScanner(stops), new StopStringScanner(stops, includeStop: true));
            var (given, included) = ("", "");
            for (var i = 0; i < text.Length;)
            {
                var length = Math.Min(random.Next(1, 7), text.Length - i);
                given += scanner.Push(text.Substring(i, length));
                included += including.Push(text.Substring(i, length));
                i += length;
            }

            Assert.Equal(match, scanner.Match);
            Assert.Equal(match is null ? text : text[..(end - match.Length)], given + scanner.Flush());
            Assert.Equal(match is null ? text : text[..end], included + including.Flush());
        }
    }
}
