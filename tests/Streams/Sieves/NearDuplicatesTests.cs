using CsCheck;
using Orca.Streams.Sieves;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Sieves;

public sealed class NearDuplicatesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_same_text_is_found_whatever_its_white_space_case_and_punctuation()
    {
        var texts = new NearDuplicates(100);
        texts.Add(1, Text(1));
        texts.Add(2, Text(2));

        Assert.Equal(new DuplicateMatch(2, 1), texts.Find(3, Text(2).ToUpperInvariant().Replace(" ", " ,\n", StringComparison.Ordinal)));
        Assert.Null(texts.Find(4, Text(5)));
    }

    [Fact]
    public void The_nearest_is_found_with_about_its_similarity()
    {
        var texts = new NearDuplicates(100);
        texts.Add(1, Text(1));
        var words = Text(1).Split(' ');
        words[50] = "other";

        // Five of 196 runs on either side.
        Assert.Equal(191.0 / 201, texts.Find(2, string.Join(' ', words))!.Value.Similarity, 0.04);
    }

    [Fact]
    public void A_text_is_no_duplicate_of_itself_nor_of_what_came_after_it()
    {
        var texts = new NearDuplicates(100);
        Assert.Null(texts.Measure(1, 11, Text(1), addsUpTo: 2));
        Assert.Equal(1ul, texts.Measure(2, 12, Text(1), addsUpTo: 2)?.Key);

        Assert.Null(texts.Measure(1, 11, Text(1), addsUpTo: 2));
        Assert.Equal(1ul, texts.Measure(2, 12, Text(1), addsUpTo: 2)?.Key);
        Assert.Equal(2, texts.Count);
    }

    [Fact]
    public void Texts_of_one_key_are_not_compared_and_all_are_kept()
    {
        var texts = new NearDuplicates(100);
        Assert.Null(texts.Measure(1, 11, Text(1), addsUpTo: 2));
        Assert.Null(texts.Measure(1, 12, Text(1), addsUpTo: 2));
        Assert.Equal(2, texts.Count);
    }

    [Fact]
    public void What_another_stands_for_is_not_added()
    {
        var texts = new NearDuplicates(100);
        texts.Add(1, Text(1));

        Assert.Equal(1, texts.Measure(2, 2, Text(1), addsUpTo: 0.8)?.Similarity);
        Assert.Equal(1, texts.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Yes")]
    [InlineData("The answer is (B).")]
    [InlineData("the answer is that all of them are of the same size as the first of those that were shown")]
    public void Short_texts_are_like_no_other(string text)
    {
        var texts = new NearDuplicates(100);
        texts.Add(1, text);

        Assert.Null(texts.Find(2, text));
        Assert.Equal(0, texts.Count);
    }

    [Fact]
    public void Beyond_the_capacity_the_oldest_leave()
    {
        var texts = new NearDuplicates(capacity: 50);
        texts.Add(Enumerable.Range(1, 120).Select(number => ((ulong)number, Text(number))));

        Assert.Equal(50, texts.Count);
        Assert.All(Enumerable.Range(1, 70), number => Assert.Null(texts.Find(1000, Text(number))));
        Assert.Equal(120ul, texts.Find(1000, Text(120))?.Key);
        Assert.InRange(Enumerable.Range(71, 50).Count(number => texts.Find(1000, Text(number)) is not null), 48, 50);
    }

    [Fact]
    public void Two_indices_of_a_million_take_less_than_210_MB() =>
        Assert.InRange(new NearDuplicates().Bytes + new RepeatedQuestions().Bytes, 1, 210_000_000);

    [Fact]
    public void Whatever_two_texts_share_the_estimate_is_within_five_deviations() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[0, 400], Gen.Int[0, 400], Gen.ULong).Sample((shared, one, other, seed) =>
        {
            var random = new Random((int)(seed & 0x7FFF_FFFF));
            var (left, right) = (Hashes(shared + one), Hashes(shared + other));
            left.AsSpan(0, shared).CopyTo(right);
            Span<ulong> first = stackalloc ulong[TextSketch.MostLength];
            Span<ulong> second = stackalloc ulong[TextSketch.MostLength];
            Span<uint> bands = stackalloc uint[TextSketch.MostBands];
            TextSketch.Write(left, first, bands, TextSketch.DefaultRows, 0);
            TextSketch.Write(right, second, bands, TextSketch.DefaultRows, 0);
            var exact = (double)shared / (shared + one + other);

            // Of a few runs each stands for many bins, and theirs agree or not together.
            var deviation = Math.Sqrt((1 - (exact * exact)) / 512) + Math.Sqrt(exact * (1 - exact) / Math.Min(shared + one + other, 512));
            Assert.Equal(exact, TextSketch.Similarity(first, second), (5 * deviation) + 0.01);

            ulong[] Hashes(int count) => [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
        });

    [Fact]
    public void The_order_of_a_texts_runs_and_their_number_change_nothing_in_its_sketch()
    {
        ulong[] runs = [.. Enumerable.Range(0, 100).Select(number => (ulong)number * 0x9E37_79B9_7F4A_7C15)];
        ulong[] same = [.. runs.Reverse(), .. runs];
        Span<ulong> first = stackalloc ulong[TextSketch.MostLength];
        Span<ulong> second = stackalloc ulong[TextSketch.MostLength];
        Span<uint> bands = stackalloc uint[TextSketch.MostBands];
        TextSketch.Write(runs, first, bands, TextSketch.DefaultRows, 0);
        TextSketch.Write(same, second, bands, TextSketch.DefaultRows, 0);

        Assert.Equal(1, TextSketch.Similarity(first, second));
    }

    [Fact]
    public void What_was_saved_is_restored_and_goes_on_as_if_nothing_had_been()
    {
        var (straight, stopped) = (new NearDuplicates(64), new NearDuplicates(64));
        for (var number = 0; number < 200; number++)
        {
            if (number == 90)
            {
                stopped.Save(folder["texts.index"]);
                stopped = NearDuplicates.Restore(folder["texts.index"], 64)!;
            }

            var text = Text(number % 40);
            var key = (ulong)number;
            Assert.Equal(straight.Measure(key, key, text, 0.8), stopped.Measure(key, key, text, 0.8));
        }

        Assert.Equal(straight.Count, stopped.Count);
        Assert.Equal(["texts.index"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_that_is_absent_torn_changed_or_of_another_capacity_is_not_restored()
    {
        var texts = new NearDuplicates(20);
        texts.Add(Enumerable.Range(1, 30).Select(number => ((ulong)number, Text(number))));
        texts.Save(folder["texts.index"]);
        var whole = File.ReadAllBytes(folder["texts.index"]);

        Assert.Null(NearDuplicates.Restore(folder["none"], 20));
        Assert.Null(NearDuplicates.Restore(folder["texts.index"], 21));
        Assert.Null(RepeatedQuestions.Restore(folder["texts.index"], 20));
        for (var place = 0; place < whole.Length; place += 37)
        {
            File.WriteAllBytes(folder["torn"], whole[..place]);
            Assert.Null(NearDuplicates.Restore(folder["torn"], 20));
            byte[] changed = [.. whole];
            changed[place] ^= 0x40;
            File.WriteAllBytes(folder["torn"], changed);
            Assert.Null(NearDuplicates.Restore(folder["torn"], 20));
        }

        File.WriteAllBytes(folder["torn"], [.. whole, 0]);
        Assert.Null(NearDuplicates.Restore(folder["torn"], 20));
        Assert.NotNull(NearDuplicates.Restore(folder["texts.index"], 20));
    }

    [Fact]
    public void A_save_that_fails_leaves_the_former_file()
    {
        var texts = new NearDuplicates(20);
        texts.Add(1, Text(1));
        texts.Save(folder["texts.index"]);
        Directory.CreateDirectory(folder["texts.index.new"]);
        texts.Add(2, Text(2));

        Assert.ThrowsAny<SystemException>(() => texts.Save(folder["texts.index"]));
        Assert.Equal(1, NearDuplicates.Restore(folder["texts.index"], 20)?.Count);
    }

    [Fact]
    public void Of_texts_that_come_at_once_one_is_the_first_and_all_others_find_it()
    {
        var texts = new NearDuplicates(10_000);
        var found = new DuplicateMatch?[4000];
        Parallel.For(0, found.Length, index => found[index] = texts.Measure((ulong)index, (ulong)index, Text(index % 100), 0.8));

        Assert.Equal(100, texts.Count);
        Assert.Equal(100, found.Count(match => match is null));
    }

    [Fact]
    public void Hostile_texts_harm_nobody()
    {
        var texts = new NearDuplicates(100);
        var key = 0ul;
        foreach (var piece in new[] { "a ", "\ud800", "\ud83d\ude00 ", "\0 ", "\u200f ", "不", "1 ", new string('x', 50_000) + " " })
        {
            texts.Measure(++key, key, string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length)), 0.8);
        }

        texts.Add(99, Text(1));
        Assert.Equal(99ul, texts.Find(100, Text(1))?.Key);
    }

    // Two hundred words that no other number has.
    private static string Text(int number) => string.Join(' ', Enumerable.Range(0, 200).Select(word => $"w{number}x{word * 7919 % 1000}"));
}
